// The public calls: <so3/vbstore.hpp>.
#include "so3/guest/include/so3/vbstore.hpp"

#include <charconv>

#include "so3/guest/decimal.hpp"
#include "so3/guest/store/service.hpp"
#include "so3/kernel/include/so3/domcall.h"

namespace vbstore {
namespace {

using abi::vbstore::Type;

Result<Value> ask(const char* what, Type type, std::string_view path, std::string_view value = {}) {
  assert_may_block(what);
  guest::StoreClient* const client = guest::store();
  if (client == nullptr) return std::unexpected{Error::unavailable};
  return client->request(type, path, value);
}

Result<void> without_value(const Result<Value>& answer) {
  if (!answer) return std::unexpected{answer.error()};
  return {};
}

}  // namespace

std::string_view name(Error error) {
  switch (error) {
    case Error::denied: return "denied";
    case Error::invalid: return "not a valid path or value";
    case Error::unavailable: return "vbstore is not connected";
    case Error::not_found: return "not found";
    case Error::no_memory: return "out of memory";
    case Error::too_big: return "too big";
  }
  return "unknown error";
}

Result<std::uint64_t> Value::number() const {
  std::uint64_t n = 0;
  auto text = view();
  if (text.ends_with('\0')) text.remove_suffix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc{} || end != text.data() + text.size()) return std::unexpected{Error::invalid};
  return n;
}

Result<Value> read(std::string_view path) { return ask("vbstore read", Type::read, path); }

Result<Names> directory(std::string_view path) {
  auto answer = ask("vbstore directory", Type::directory, path);
  if (!answer) return std::unexpected{answer.error()};
  return Names{std::move(*answer)};
}

Result<bool> exists(std::string_view path) {
  const auto answer = ask("vbstore exists", Type::directory_exists, path);
  if (answer) return true;
  if (answer.error() == Error::not_found) return false;
  return std::unexpected{answer.error()};
}

Result<void> write(std::string_view path, std::string_view value) {
  return without_value(ask("vbstore write", Type::write, path, value));
}

Result<void> write(std::string_view path, std::uint64_t decimal) {
  const guest::Decimal digits{decimal};
  return write(path, digits);
}

Result<void> mkdir(std::string_view path) { return without_value(ask("vbstore mkdir", Type::mkdir, path)); }

Result<void> remove(std::string_view path) { return without_value(ask("vbstore remove", Type::rm, path)); }

}  // namespace vbstore
