#include "engine/snapshot/reception.hpp"

namespace engine {

namespace protocol = agency::transfer;
using abi::Status;

std::expected<bool, agency::Refusal> Reception::take(std::string_view bytes) {
  if (const auto read = reader_.take(std::as_bytes(std::span(bytes))); !read) {
    char line[256];
    return agency::refuse(Status::bad_argument, std::string(snapshot::message(read.error(), line)));
  }
  saving_->add(bytes);
  return reader_.complete();
}

bool Reception::me(const abi::snapshot::Me& me) {
  saving_->name(me.name);
  return me.spid == offer_.spid && me.ram_size == offer_.ram_size;
}

void Reception::drop(const std::string& why) {
  saving_->abandon({Errc::failed, "the snapshot did not come: " + why, {}});
}

void Reception::look(protocol::Time now) {
  if (const auto trouble = saving_->trouble()) incoming.give_up({Status::no_memory, trouble->message});
  if (saving_->made()) incoming.activated(0U, now);
  incoming.drained(now);
}

}  // namespace engine
