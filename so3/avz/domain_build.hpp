// How a domain comes into being and how it goes.
#pragma once
#include <cstdint>
#include <expected>

#include "so3/avz/arguments.hpp"
#include "so3/avz/domain.hpp"

namespace avz {

// All private RAM and all VMIDs of the machine.
extern Pages ram_pages;
extern Vmids vmids;

// What an ME with this much RAM can ever use: RAM, tables, its own page, shared and store page, grant tables.
constexpr std::uint64_t pages_it_uses(std::uint64_t ram_bytes) {
  constexpr std::uint64_t root = 1, own = 1, shared_and_store = 2, window = 1;
  return ram_bytes / abi::page_size + root + own + shared_and_store + window + GrantTable::pages_for(ram_bytes) +
         Stage2Tree::tables_for(abi::domain_base, abi::ram_ipa + ram_bytes - abi::domain_base);
}
// The same, and what a snapshot of it needs.
constexpr std::uint64_t pages_for_me(std::uint64_t ram_bytes) {
  return pages_it_uses(ram_bytes) + Snapshot::pages_for(ram_bytes);
}
static_assert(pages_it_uses(1 << 20) - (1 << 20) / abi::page_size == 9, "an ME of 1 MB costs 36 KB besides,");
static_assert(Snapshot::pages_for(1 << 20) == 16, "64 KB for snapshots");

// A domain in the first free slot, in state booting or migrating, from pages promised to it as a whole.
// no_slot, no_memory, and what claim_cpu() answers: then nothing has changed.
std::expected<Domain*, abi::Status> create_me(const DomainCreate& wanted);
// The same from pages promised before; too few are no_memory. The reservation is the domain's, or ended.
std::expected<Domain*, abi::Status> create_me(const DomainCreate& wanted, Reservation reservation);

// From any state: stops it, cuts every connection, gives back all that nobody else has mapped. The pages it
// touched are looked at once, the others not at all.
void destroy_me(Domain& domain);

}  // namespace avz
