#include "so3/avz/arguments.hpp"
#include "so3/avz/changes.hpp"
#include "so3/avz/lifecycle.hpp"
#include "so3/avz/object_calls.hpp"
#include "so3/avz/slots.hpp"

namespace avz::calls {

using abi::Status;

void set_state(Vcpu& caller, std::uint64_t (&x)[8]) {
  Domain& self = *caller.domain;
  const auto wanted = abi::state_from(x[1]);
  if (!wanted) return answer(x, Status::bad_argument);
  std::expected<void, Refusal> changed;
  {
    const LockedSlot own{self.slot};
    changed = change_state(self, *wanted, asker_of(self));
  }
  if (!changed) {
    tell(changed.error());
    return answer(x, Status::bad_state);
  }
  signal_changes();
  answer(x, Status::ok);
}

void identity(Vcpu& caller, std::uint64_t (&x)[8]) {
  Domain& self = *caller.domain;
  if (x[3] > 1) return answer(x, Status::bad_argument);
  const LockedSlot own{self.slot};
  self.identity = {.spid = x[1], .spadcaps = x[2], .cooperates = x[3] == 1};
  answer(x, Status::ok);
}

void dc_event_done(Vcpu& caller, std::uint64_t (&x)[8]) {
  Domain& self = *caller.domain;
  const auto event = decode_dc_event(x[1]);
  if (!event) return answer(x, Status::bad_argument);
  {
    const LockedSlot own{self.slot};
    if (self.mailbox.posted != *event) return answer(x, Status::bad_state);
    self.mailbox = {.posted = abi::DcEvent::none, .answered = *event, .result = x[2]};
    self.shared->dc_event = 0;
    self.shared->dc_argument = 0;
    note_change(self.slot);
  }
  signal_changes();
  answer(x, Status::ok);
}

}  // namespace avz::calls
