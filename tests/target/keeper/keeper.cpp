// An ME with entries of its own in vbstore and a watch on one of them. It tells what it has at each place, and what the watch
// tells it.
#include <so3/delay.h>
#include <vlogs/vlogs.h>
#include <me/me.hpp>
#include <so3/vbstore.hpp>

#include <array>
#include <cstdio>
#include <string_view>

namespace {

class Own {
 public:
  explicit Own(const char* key) { std::snprintf(text_.data(), text_.size(), "soo/me/%u/%s", ME_domID(), key); }
  operator std::string_view() const { return text_.data(); }

 private:
  std::array<char, 64> text_;
};

// Any bytes, as many as a value may have.
std::array<char, 1024> make_bytes() {
  std::array<char, 1024> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 7);
  return bytes;
}
const auto bytes = make_bytes();

void told(void*, std::string_view changed) {
  const auto count = vbstore::read(Own{"count"});
  if (count) logs("told %.*s %s", static_cast<int>(changed.size()), changed.data(), count->data());
}

const char* held(const char* key, const vbstore::Value& value) {
  return key == std::string_view{"bytes"}
             ? (value.view() == std::string_view{bytes.data(), bytes.size()} ? "all" : "WRONG")
             : value.data();
}

void tell(const char* when) {
  for (const char* key : {"note", "deep/er", "bytes", "empty", "gone"}) {
    const auto value = vbstore::read(Own{key});
    logs("%s in %u: %s = %s", when, ME_domID(), key, value ? held(key, *value) : vbstore::name(value.error()).data());
  }
  logs("%s in %u: that was all", when, ME_domID());
}

// The ME may be at another place, in another slot, between the making of a path and its use.
void write(const char* key, std::string_view value) {
  auto done = vbstore::write(Own{key}, value);
  if (!done && done.error() == vbstore::Error::denied) done = vbstore::write(Own{key}, value);
  if (!done) logs("WRONG: %s cannot be written: %s", key, vbstore::name(done.error()).data());
}

}  // namespace

int cb_pre_propagate(soo_domcall_arg_t* args) {
  args->u.pre_propagate_args.propagate_status = PROPAGATE_STATUS_YES;
  return 0;
}

int cb_post_activate(soo_domcall_arg_t*) {
  tell("active");
  return 0;
}

void* app_thread_main(void*) {
  write("note", "kept");
  write("deep/er", "too");
  write("bytes", {bytes.data(), bytes.size()});
  write("empty", "");
  write("gone", "for a while");
  if (!vbstore::remove(Own{"gone"})) logs("WRONG: an entry cannot be removed");
  write("count", "0");
  vbstore::Watch watch;
  if (!watch.start(Own{"count"}, told, nullptr)) logs("WRONG: no watch");
  tell("born");
  for (unsigned count = 1;; ++count) {
    std::array<char, 16> text;
    std::snprintf(text.data(), text.size(), "%u", count);
    write("count", text.data());
    msleep(20);
  }
}
