// Messages between agencies (abi/transfer.hpp): checked once when they come, and put together to go.
#pragma once
#include <compare>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "so3/abi/status.hpp"
#include "so3/abi/transfer.hpp"

namespace agency::transfer {

using abi::transfer::Kind;

// What names a transfer.
struct Id {
  std::uint64_t instance = 0, epoch = 0;
  auto operator<=>(const Id&) const = default;
};

struct Offer {
  Kind kind;
  std::uint32_t abi_version;
  std::uint64_t spid, ram_size, from_uid;
  std::string name;  // printable
};
struct Accept {
  std::uint64_t up_to;
};
struct Refuse {
  abi::Status status;
  std::string text;  // printable
};
struct Data {
  std::uint64_t offset;
  std::string_view bytes;  // of the frame it came in
};
struct Credit {
  std::uint64_t up_to;
};
struct Arrived {
  std::uint32_t slot;
};
struct Cancel {};
struct Cancelled {};
struct Settled {};

// One message that keeps every rule of the ABI that can be told from itself: made by parse() only.
class Message {
 public:
  using Body = std::variant<Offer, Accept, Refuse, Data, Credit, Arrived, Cancel, Cancelled, Settled>;

  // What came instead of a message. `id` if it named a transfer all the same, which is then at its end.
  struct Garbage {
    std::optional<Id> id;
    std::string why;
  };
  static std::expected<Message, Garbage> parse(std::string_view bytes);

  const Id& id() const { return id_; }
  const Body& body() const { return body_; }
  template <typename T>
  const T* as() const {
    return std::get_if<T>(&body_);
  }

 private:
  Message(const Id& id, Body body) : id_{id}, body_{std::move(body)} {}
  Id id_;
  Body body_;
};

std::string encode(const Id& id, const Offer& offer);
std::string encode(const Id& id, const Accept& accept);
std::string encode(const Id& id, const Refuse& refuse);
std::string encode(const Id& id, const Data& data);
std::string encode(const Id& id, const Credit& credit);
std::string encode(const Id& id, const Arrived& arrived);
std::string encode(const Id& id, Cancel);
std::string encode(const Id& id, Cancelled);
std::string encode(const Id& id, Settled);

// For sentences: "an ME's instance 1a2b, epoch 3".
std::string describe(const Id& id);

}  // namespace agency::transfer
