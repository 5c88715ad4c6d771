// The benchmark's ME as its partner in the agency sees it.
#pragma once
#include <cstdint>
#include <memory>
#include <string_view>

#include <so3/semaphore.hpp>

#include "so3/guest/events.hpp"
#include "tests/bench/agency/bench.hpp"
#include "tests/bench/agency/waiting_bell.hpp"
#include "tests/bench/bench_page.hpp"

namespace bench {

class Partner {
 public:
  // `where`: what the ME published, "<grant> <port>". Null, with a line on the console, if it cannot be reached.
  static std::unique_ptr<Partner> find(const Agency& agency, std::uint32_t slot, std::string_view where);

  std::uint32_t slot() const { return slot_; }
  std::uint32_t grant() const { return grant_; }
  Page& page() { return page_.as<Page>(); }

  // Gives the command; the ME begins with it at once. Returns the counter before the signal.
  std::uint64_t begin(Command command);
  // Waits until the command is done and the ME sleeps again.
  agency::Task<agency::Done> end(Command command);
  // Waits for that with all of the agency: meanwhile it serves nobody.
  void block();

 private:
  explicit Partner(const Agency& agency) : agency_{agency}, bell_{agency.bells} {}
  static void signalled(void* self);

  Agency agency_;
  WaitingBell bell_;
  so3::Semaphore done_;
  std::uint32_t slot_ = 0;
  std::uint32_t grant_ = 0;
  agency::MappedPage page_;
  guest::EventChannel channel_;
};

}  // namespace bench
