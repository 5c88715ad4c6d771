// The published C calls over the C++ ones.
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string_view>

#include "so3/abi/vbstore.hpp"
#include "so3/guest/include/so3/vbstore.h"
#include "so3/guest/include/so3/vbstore.hpp"

namespace {

using vbstore::Error;
using vbstore::Transaction;

int number(Error error) {
  switch (error) {
    case Error::denied: return EACCES;
    case Error::invalid: return EINVAL;
    case Error::unavailable: return ENOTCONN;
    case Error::not_found: return ENOENT;
    case Error::no_memory: return ENOMEM;
    case Error::too_big: return E2BIG;
  }
  return EINVAL;
}

int failed(Error error) {
  errno = number(error);
  return -1;
}

int done(const vbstore::Result<void>& result) { return result ? 0 : failed(result.error()); }

Transaction* batch(vbus_transaction_t transaction) { return static_cast<Transaction*>(transaction.batch); }

// dir/node; too long for the store: cut one byte beyond its limit, so that the store's own check refuses it.
class Path {
 public:
  Path(const char* dir, const char* node) {
    add(dir);
    if (node != nullptr && *node != '\0') {
      if (size_ != 0) add("/");
      add(node);
    }
  }
  operator std::string_view() const { return {text_, size_}; }

 private:
  void add(const char* text) {
    for (; *text != '\0' && size_ < sizeof text_; ++text) text_[size_++] = *text;
  }
  char text_[abi::vbstore::path_max + 1];
  std::size_t size_ = 0;
};

char* duplicate(std::string_view text) {
  auto* const copy = static_cast<char*>(std::malloc(text.size() + 1));
  if (copy == nullptr) {
    errno = ENOMEM;
    return nullptr;
  }
  std::memcpy(copy, text.data(), text.size());
  copy[text.size()] = '\0';
  return copy;
}

void changed(void* context, std::string_view path) {
  auto* const watch = static_cast<vbus_watch_t*>(context);
  char text[abi::vbstore::path_max + 1] = {};
  std::memcpy(text, path.data(), path.size() < sizeof text ? path.size() : sizeof text - 1);
  watch->callback(watch, text);
}

}  // namespace

int vbus_transaction_start(vbus_transaction_t* transaction) {
  transaction->batch = new (std::nothrow) Transaction;
  return transaction->batch != nullptr ? 0 : failed(Error::no_memory);
}

int vbus_transaction_end(vbus_transaction_t transaction) {
  if (transaction.batch == nullptr) return failed(Error::invalid);
  const auto result = batch(transaction)->commit();
  delete batch(transaction);
  return done(result);
}

char* vbus_read(vbus_transaction_t, const char* dir, const char* node, unsigned* length) {
  const auto value = vbstore::read(Path{dir, node});
  if (!value) {
    failed(value.error());
    return nullptr;
  }
  if (length != nullptr) *length = static_cast<unsigned>(value->size());
  return duplicate(value->view());
}

char** vbus_directory(vbus_transaction_t, const char* dir, const char* node, unsigned* count) {
  const auto names = vbstore::directory(Path{dir, node});
  if (!names) {
    failed(names.error());
    return nullptr;
  }
  std::size_t n = 0, bytes = 0;
  for (const auto name : *names) {
    ++n;
    bytes += name.size() + 1;
  }
  auto** const list = static_cast<char**>(std::malloc((n + 1) * sizeof(char*) + bytes));
  if (list == nullptr) {
    failed(Error::no_memory);
    return nullptr;
  }
  auto* text = reinterpret_cast<char*>(list + n + 1);
  std::size_t i = 0;
  for (const auto name : *names) {
    list[i++] = text;
    std::memcpy(text, name.data(), name.size() + 1);
    text += name.size() + 1;
  }
  list[n] = nullptr;
  *count = static_cast<unsigned>(n);
  return list;
}

int vbus_directory_exists(vbus_transaction_t, const char* dir, const char* node) {
  const auto there = vbstore::exists(Path{dir, node});
  return there ? *there : failed(there.error());
}

int vbus_write(vbus_transaction_t transaction, const char* dir, const char* node, const char* string) {
  const Path path{dir, node};
  if (batch(transaction) == nullptr) return done(vbstore::write(path, std::string_view{string}));
  batch(transaction)->write(path, std::string_view{string});
  return 0;
}

int vbus_mkdir(vbus_transaction_t transaction, const char* dir, const char* node) {
  const Path path{dir, node};
  if (batch(transaction) == nullptr) return done(vbstore::mkdir(path));
  batch(transaction)->mkdir(path);
  return 0;
}

int vbus_rm(vbus_transaction_t transaction, const char* dir, const char* node) {
  const Path path{dir, node};
  if (batch(transaction) == nullptr) return done(vbstore::remove(path));
  batch(transaction)->remove(path);
  return 0;
}

int vbus_scanf(vbus_transaction_t transaction, const char* dir, const char* node, const char* format, ...) {
  char* const value = vbus_read(transaction, dir, node, nullptr);
  if (value == nullptr) return -1;
  va_list args;
  va_start(args, format);
  const int items = std::vsscanf(value, format, args);
  va_end(args);
  std::free(value);
  return items;
}

int vbus_printf(vbus_transaction_t transaction, const char* dir, const char* node, const char* format, ...) {
  char value[abi::vbstore::value_max + 1];
  va_list args;
  va_start(args, format);
  const int length = std::vsnprintf(value, sizeof value, format, args);
  va_end(args);
  if (length < 0) return failed(Error::invalid);
  if (static_cast<std::size_t>(length) >= sizeof value) return failed(Error::too_big);
  return vbus_write(transaction, dir, node, value);
}

int vbus_gather(vbus_transaction_t transaction, const char* dir, ...) {
  va_list args;
  va_start(args, dir);
  int result = 0;
  while (const char* const node = va_arg(args, const char*)) {
    const char* const format = va_arg(args, const char*);
    void* const to = va_arg(args, void*);
    char* const value = vbus_read(transaction, dir, node, nullptr);
    if (value == nullptr) {
      result = -1;
      break;
    }
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    const int items = std::sscanf(value, format, to);
#pragma GCC diagnostic pop
    std::free(value);
    if (items != 1) {
      result = failed(Error::invalid);
      break;
    }
  }
  va_end(args);
  return result;
}

int vbus_watch(vbus_watch_t* watch, const char* path) {
  auto* const state = new (std::nothrow) vbstore::Watch;
  if (state == nullptr) return failed(Error::no_memory);
  watch->state = state;
  const auto started = state->start(path, changed, watch);
  if (started) return 0;
  watch->state = nullptr;
  delete state;
  return failed(started.error());
}

int vbus_watch_path(vbus_watch_t* watch, const char* format, ...) {
  char path[abi::vbstore::path_max + 2];  // one more, so that what is too long stays too long
  va_list args;
  va_start(args, format);
  const int length = std::vsnprintf(path, sizeof path, format, args);
  va_end(args);
  if (length < 0) return failed(Error::invalid);
  return vbus_watch(watch, path);
}

void vbus_unwatch(vbus_watch_t* watch) {
  delete static_cast<vbstore::Watch*>(watch->state);
  watch->state = nullptr;
}
