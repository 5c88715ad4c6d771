// vbstore: the small tree of keys and values that the agency keeps and every domain reads.
//
// Paths are "a/b/c": at most 255 bytes, 16 components of [A-Za-z0-9_.:@-]. Values are at most 1,024 bytes of anything.
// An ME reads everything and writes below device/<slot>, backend/<type>/<slot> and soo/me/<slot>, <slot> being its own.
//
// All calls that ask the store block: threads only, and only once the ME is being activated (not in callbacks_init,
// not in a domcall). Several threads may call at once.
//
// While the ME is suspended a call waits, and is carried out when the ME goes on; except in cb_pre_resume, where it fails
// with `unavailable`. At a new place, also after a snapshot was restored, the store has all that the ME had in
// soo/me/<slot>, under the new slot; of device/<slot> and backend/<type>/<slot> only what the runtime writes. Watches are there
// again by themselves, and each is told of once. In their paths, and in those of calls that waited, the slot is the new one
// where it stood for this ME: "device/<slot>/x", "backend/<type>/<slot>/x", "soo/me/<slot>/x".
#pragma once
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string_view>

namespace vbstore {

// Why a call failed; the same numbers as abi::Status.
enum class Error : std::int32_t {
  denied = -2,  // not below what this ME may write
  invalid = -3,  // the path is not one
  unavailable = -4,  // the store is not connected (yet), or suspended
  not_found = -5,  // no such key
  no_memory = -6,  // here, or this ME's share of the store is used up
  too_big = -9,  // path, value or transaction
};
// "denied", ...
std::string_view name(Error error);

template <typename T>
using Result = std::expected<T, Error>;

// Bytes that an answer brought, owned. A NUL follows them, so data() is a C string when they are text.
class Value {
 public:
  Value() = default;
  Value(std::unique_ptr<char[]> bytes, std::size_t size) : bytes_{std::move(bytes)}, size_{size} {}
  std::string_view view() const { return {data(), size_}; }
  const char* data() const { return bytes_ ? bytes_.get() : ""; }
  std::size_t size() const { return size_; }
  // As a decimal number; invalid if it is none.
  Result<std::uint64_t> number() const;

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
};

// Names of children: for (std::string_view child : names).
class Names {
 public:
  class Iterator {
   public:
    explicit Iterator(const char* at) : at_{at} {}
    std::string_view operator*() const { return at_; }
    Iterator& operator++() {
      at_ += std::string_view{at_}.size() + 1;
      return *this;
    }
    friend bool operator==(Iterator, Iterator) = default;

   private:
    const char* at_;
  };
  explicit Names(Value value) : value_{std::move(value)} {}
  Iterator begin() const { return Iterator{value_.data()}; }
  Iterator end() const { return Iterator{value_.data() + value_.size()}; }

 private:
  Value value_;  // NUL-terminated names, one after the other
};

[[nodiscard]] Result<Value> read(std::string_view path);
[[nodiscard]] Result<Names> directory(std::string_view path);
[[nodiscard]] Result<bool> exists(std::string_view path);
[[nodiscard]] Result<void> write(std::string_view path, std::string_view value);
[[nodiscard]] Result<void> write(std::string_view path, std::uint64_t decimal);
// Parents are made as needed; one that exists is fine.
[[nodiscard]] Result<void> mkdir(std::string_view path);
// With all below it.
[[nodiscard]] Result<void> remove(std::string_view path);

// Changes that happen all or not at all, and travel as one message. Watches fire once they are all done.
// Collects until commit(); the first thing that does not fit is remembered and reported by commit().
class Transaction {
 public:
  Transaction() = default;
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  Transaction& write(std::string_view path, std::string_view value);
  Transaction& write(std::string_view path, std::uint64_t decimal);
  Transaction& mkdir(std::string_view path);
  Transaction& remove(std::string_view path);
  // Blocks. Empty afterwards, whatever the result.
  [[nodiscard]] Result<void> commit();

 private:
  void add(std::uint32_t type, std::string_view path, std::string_view value);
  bool reserve(std::size_t more);

  std::unique_ptr<std::uint8_t[]> operations_;
  std::size_t size_ = 0, capacity_ = 0;
  std::expected<void, Error> first_error_;
};

// Runs in the store's watch thread: it may block and call the store. Changes that come faster than they are handled
// may be told together: `changed` is then the watched path itself.
using WatchFunction = void (*)(void* context, std::string_view changed);

// Calls `function` once at the start and after every change at or below `path`, until it goes out of scope. After
// that no call is under way (unless it goes out of scope in its own call).
// Several watches on one path are fine.
class Watch {
 public:
  Watch();
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  [[nodiscard]] Result<void> start(std::string_view path, WatchFunction function, void* context);
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace vbstore
