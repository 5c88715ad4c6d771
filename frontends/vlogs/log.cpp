#include "frontends/vlogs/log.hpp"

#include "frontends/vlogs/lines.hpp"
#include "so3/abi/lifecycle.hpp"
#include "so3/guest/context.hpp"
#include "so3/kernel/include/so3/spinlock.hpp"
#include "so3/kernel/shared.hpp"

namespace vlogs {
namespace {

using LockGuard = so3::LockGuard<vbus::Gate>;

}  // namespace

Log& log_of_this_me() {
  static constinit Log log;
  return log;
}

bool Log::write(std::uint8_t level, std::string_view message) {
  bool all = true;
  for (Lines lines{message, line_max - sizeof(Prefix)}; !lines.done();) all &= write_line(level, lines.next());
  return all;
}

bool Log::write_line(std::uint8_t level, std::string_view line) {
  do {
    if (guest::may_block()) {
      const LockGuard guard{gate_};
      if (is_open() && flush() && put(level, line)) return true;
      if (console_only()) {
        empty_to_console();
        line_to_console(line);
        return true;
      }
    }
    if (console_only()) {
      line_to_console(line);
      return true;
    }
    if (const Kept kept = set_aside(level, line); kept != Kept::wait) return kept == Kept::yes;
  } while (gate_.wait_until_resumed());
  return false;
}

// All devices are connected before an ME lives: one that has none by then gets none.
bool Log::console_only() const {
  if (attached_) return false;
  switch (static_cast<abi::State>(kernel::read_shared(kernel::shared().state))) {
    case abi::State::booting:
    case abi::State::preparing:
    case abi::State::migrating: return false;
    default: return true;
  }
}

// Oldest first: what is left in `emptying_`, then what was set aside meanwhile.
bool Log::flush() {
  for (;;) {
    while (const auto line = emptying().front()) {
      if (!put(line->level, line->text)) return false;
      emptying().pop();
    }
    if (emptying().lost() != 0 && !put_lost()) return false;
    if (filling().empty()) return true;
    const so3::IrqGuard guard;
    second_fills_ = !second_fills_;
  }
}

bool Log::put(std::uint8_t level, std::string_view line) {
  while (!writer_->put(level, prefix_, line)) {
    if (writer_->broken()) break_off();
    if (!is_open()) return false;
    if (writer_->publish()) signal_(context_);
    gate_.expect_signal();
    if (writer_->prepare_wait(RecordWriter::size(prefix_, line))) gate_.wait_signal();
    if (!is_open()) return false;
  }
  if (writer_->publish()) signal_(context_);
  return true;
}

}  // namespace vlogs
