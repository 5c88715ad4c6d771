// Cooperation: a page of one ME in the window of another, for the length of a call. The agency lends and takes back,
// so all of this is on its CPU.
#include "so3/avz/arguments.hpp"
#include "so3/avz/object_calls.hpp"
#include "so3/avz/slots.hpp"

namespace avz {

using abi::Status;

void return_loan(Domain& borrower) {
  if (borrower.borrowed.owner == Peer{}) return;
  const Stage2Entry entry = borrower.memory.unmap(abi::lent_page_ipa);
  Domain* owner = find_domain(borrower.borrowed.owner.slot);
  if (owner != nullptr && owner->as_peer() == borrower.borrowed.owner) owner->lent_pages--;
  borrower.borrowed = {};
  borrower.reservation.pages().release(entry.address());
}

void return_loans(Domain& dead) {
  return_loan(dead);
  for (std::uint32_t slot = abi::first_me_slot; slot < slots.size() && dead.lent_pages != 0; slot++) {
    Domain* borrower = find_domain(slot);
    if (borrower == nullptr || borrower->borrowed.owner != dead.as_peer()) continue;
    return_loan(*borrower);
    dead.lent_pages--;
  }
}

namespace calls {

void page_lend(Vcpu&, std::uint64_t (&x)[8]) {
  const auto args = PageLend::decode(x);
  if (!args) return answer(x, Status::bad_argument);
  Domain* const owner = find_domain(args->owner);
  Domain* const borrower = find_domain(args->borrower);
  if (owner == nullptr || borrower == nullptr) return answer(x, Status::not_found);
  if (!owner->in_ram(args->page_ipa, abi::page_size)) return answer(x, Status::bad_argument);
  if (owner->state == abi::State::dead || borrower->state == abi::State::dead) return answer(x, Status::bad_state);
  if (borrower->borrowed.owner != Peer{}) return answer(x, Status::busy);
  const auto page = ram_page(*owner, args->page_ipa);
  if (!page) return answer(x, Status::no_memory);
  owner->snapshot.before_foreign_write(*owner, args->page_ipa);
  const Status status = borrower->memory.map(abi::lent_page_ipa, *page, Access::data, borrower->reservation);
  if (status != Status::ok) return answer(x, status);
  owner->reservation.pages().hold(*page);
  owner->lent_pages++;
  borrower->borrowed = {owner->as_peer(), args->page_ipa};
  answer(x, Status::ok, abi::lent_page_ipa);
}

void page_return(Vcpu&, std::uint64_t (&x)[8]) {
  const auto borrower = find_me(x[1]);
  if (!borrower) return answer(x, borrower.error());
  if ((*borrower)->borrowed.owner == Peer{}) return answer(x, Status::not_found);
  return_loan(**borrower);
  answer(x, Status::ok);
}

}  // namespace calls
}  // namespace avz
