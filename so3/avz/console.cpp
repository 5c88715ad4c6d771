#include "so3/avz/console.hpp"

#include <new>

#include "so3/abi/layout.hpp"
#include "so3/avz/counter.hpp"
#include "so3/avz/coverage.hpp"
#include "so3/avz/line_budget.hpp"
#include "so3/avz/psci.hpp"
#include "so3/avz/spinlock.hpp"
#include "so3/plat/pl011.hpp"
#include "so3/plat/qemu_virt/board.hpp"

namespace avz {
namespace {

constexpr plat::Pl011 uart{plat::board.uart};
constinit SpinLock lock;

struct Pending {
  LineBudget budget;
  std::uint8_t length = 0;
  char text[console_line_max];
};
constinit Pending pending[abi::max_domains] = {};

std::string_view decimal(std::uint64_t value, char (&space)[20]) {
  std::uint32_t at = sizeof space;
  do space[--at] = static_cast<char>('0' + value % 10);
  while (value /= 10);
  return {space + at, sizeof space - at};
}

// With the lock held, as what follows.
void put_prefix(std::uint32_t slot) {
  char space[20];
  uart.put('[');
  uart.write(decimal(slot, space));
  uart.write("] ");
}

void tell_lost(std::uint32_t slot) {
  const auto lost = pending[slot].budget.take_lost();
  if (lost == 0) return;
  char space[20];
  put_prefix(slot);
  uart.write(decimal(lost, space));
  uart.write(" lines lost: more than the console takes from one domain\n");
}

void emit(std::uint32_t slot) {
  Pending& p = pending[slot];
  const std::string_view line{p.text, p.length};
  p.length = 0;
  if (slot != abi::agency_domain && !p.budget.take(now(), ticks_per_second())) return;
  LockGuard guard{lock};
  tell_lost(slot);
  put_prefix(slot);
  uart.write(line);
  uart.put('\n');
}

// A domain's text must not steer the terminal of whoever reads it.
char printable(char c) { return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f' ? '?' : c; }

}  // namespace

void console_write(std::uint32_t slot, std::string_view bytes) {
  Pending& p = pending[slot];
  for (char c : bytes) {
    if (c == '\r') continue;
    if (c != '\n') p.text[p.length++] = printable(c);
    if (c == '\n' || p.length == console_line_max) emit(slot);
  }
}

void console_flush(std::uint32_t slot) {
  if (pending[slot].length != 0) emit(slot);
  {
    LockGuard guard{lock};
    tell_lost(slot);
  }
  pending[slot].budget = {};
}

Line& Line::operator<<(std::string_view text) {
  for (char c : text)
    if (length_ < capacity) text_[length_++] = c;
  return *this;
}

Line& Line::operator<<(const char* text) {
  for (; *text != 0; text++)
    if (length_ < capacity) text_[length_++] = *text;
  return *this;
}

Line& Line::operator<<(std::uint64_t value) {
  char space[20];
  return *this << decimal(value, space);
}

Line& Line::operator<<(Hex value) {
  *this << "0x";
  int shift = 60;
  while (shift > 0 && (value.value >> shift & 0xf) == 0) shift -= 4;
  for (; shift >= 0; shift -= 4) {
    const char digit = "0123456789abcdef"[value.value >> shift & 0xf];
    *this << std::string_view{&digit, 1};
  }
  return *this;
}

Line::~Line() {
  LockGuard guard{lock};
  uart.write({text_, length_});
  uart.put('\n');
}

void console_break_lock() { new (&lock) SpinLock; }

// Takes no lock: whoever holds it may be what is broken.
void panic(std::string_view what) {
  uart.write("\navz: panic: ");
  uart.write(what);
  uart.put('\n');
  psci::system_off();
}

void machine_off() {
  print_coverage();
  psci::system_off();
}

}  // namespace avz
