#include "frontends/vlogs/log.hpp"

#include <charconv>

#include "frontends/vlogs/lines.hpp"
#include "so3/abi/lifecycle.hpp"
#include "so3/guest/context.hpp"
#include "so3/guest/last_words.hpp"
#include "so3/kernel/include/so3/printk.h"
#include "so3/kernel/include/so3/spinlock.hpp"
#include "so3/kernel/platform.hpp"
#include "so3/kernel/shared.hpp"

namespace vlogs {
namespace {

using LockGuard = so3::LockGuard<vbus::Gate>;

constexpr std::uint8_t level_warning = 4;

void to_console(std::string_view line) {
  kernel::platform::console_write(line);
  kernel::platform::console_write("\n");
}

// "<n> lines lost"
class LostText {
 public:
  explicit LostText(std::uint32_t count) {
    constexpr std::string_view one{" line lost"}, many{" lines lost"};
    char* const end = std::to_chars(text_, text_ + 10, std::uint64_t{count}).ptr;
    const auto rest = count == 1 ? one : many;
    size_ = static_cast<std::size_t>(end - text_) + rest.copy(end, rest.size());
  }
  operator std::string_view() const { return {text_, size_}; }

 private:
  char text_[24];
  std::size_t size_;
};

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
        to_console(line);
        return true;
      }
    }
    if (console_only()) {
      to_console(line);
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

void Log::empty_to_console() {
  for (Backlog* backlog : {&emptying(), &filling()}) {
    while (const auto line = backlog->front()) {
      to_console(line->text);
      backlog->pop();
    }
    if (backlog->lost() != 0) to_console(LostText{backlog->lost()});
    backlog->clear_lost();
  }
}

void Log::last_words() {
  // In a domcall all threads stand still; one of them may be at it.
  if (is_open() || !gate_.try_lock()) return;
  empty_to_console();
  gate_.unlock();
}

// While the device is suspended nothing is lost that can wait.
Log::Kept Log::set_aside(std::uint8_t level, std::string_view line) {
  const bool may_wait = gate_.is_suspended() && guest::may_wait_for_devices();
  bool kept;
  {
    const so3::IrqGuard guard;
    if (may_wait && !filling().fits(line)) return Kept::wait;
    kept = filling().put(level, line);
  }
  if (is_open() && !flush_wanted_.exchange(true)) flusher_.up();
  guest::on_last_words([] { log_of_this_me().last_words(); });
  return kept ? Kept::yes : Kept::no;
}

void Log::count_lost() {
  const so3::IrqGuard guard;
  filling().count_lost();
}

void Log::flush_next() {
  flusher_.down();
  flush_wanted_ = false;
  const LockGuard guard{gate_};
  if (is_open()) static_cast<void>(flush());
}

// Oldest first: what is left in `emptying_`, then what was set aside meanwhile.
bool Log::flush() {
  for (;;) {
    while (const auto line = emptying().front()) {
      if (!put(line->level, line->text)) return false;
      emptying().pop();
    }
    if (const auto lost = emptying().lost(); lost != 0) {
      if (!put(level_warning, LostText{lost})) return false;
      emptying().clear_lost();
    }
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

void Log::break_off() {
  gate_.break_off();
  attached_ = false;
  printk(KERN_ERR "vlogs: the backend wrote an index that cannot be; log lines go to the console from now on\n");
}

void Log::attach(RecordWriter& writer, void (*signal)(void*), void* context) {
  const LockGuard guard{gate_};
  writer_ = &writer;
  signal_ = signal;
  context_ = context;
  prefix_ = Prefix{kernel::read_shared(kernel::shared().slot)};
  attached_ = true;
}

void Log::opened() {
  flush_wanted_ = true;
  flusher_.up();
}

}  // namespace vlogs
