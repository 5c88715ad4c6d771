// The slow ways of a line: kept aside, lost, to the console.
#include "frontends/vlogs/log.hpp"
#include "so3/guest/context.hpp"
#include "so3/guest/decimal.hpp"
#include "so3/guest/last_words.hpp"
#include "so3/kernel/include/so3/printk.h"
#include "so3/kernel/include/so3/spinlock.hpp"
#include "so3/kernel/platform.hpp"
#include "so3/kernel/shared.hpp"

namespace vlogs {
namespace {

using LockGuard = so3::LockGuard<vbus::Gate>;

constexpr std::uint8_t level_warning = 4;

// "<n> lines lost"
class LostText {
 public:
  explicit LostText(std::uint32_t count) {
    constexpr std::string_view one{" line lost"}, many{" lines lost"};
    const guest::Decimal number{count};
    const std::string_view digits = number;
    size_ = digits.copy(text_, digits.size());
    const auto rest = count == 1 ? one : many;
    size_ += rest.copy(text_ + size_, rest.size());
  }
  operator std::string_view() const& { return {text_, size_}; }
  operator std::string_view() const&& = delete;

 private:
  char text_[24];
  std::size_t size_;
};

}  // namespace

void Log::line_to_console(std::string_view line) {
  kernel::platform::console_write(line);
  kernel::platform::console_write("\n");
}

void Log::empty_to_console() {
  for (Backlog* backlog : {&emptying(), &filling()}) {
    while (const auto line = backlog->front()) {
      line_to_console(line->text);
      backlog->pop();
    }
    if (backlog->lost() != 0) {
      const LostText lost{backlog->lost()};
      line_to_console(lost);
    }
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

bool Log::put_lost() {
  const LostText lost{emptying().lost()};
  if (!put(level_warning, lost)) return false;
  emptying().clear_lost();
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
