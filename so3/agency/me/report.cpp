#include "so3/agency/me/report.hpp"

#include <string>

namespace agency {
namespace {

enum Kind : std::uint32_t { domcall = 0, dc_event = 1, boot_hook = 2 };

}  // namespace

void Report::state(std::uint32_t slot, abi::State from, abi::State to, abi::CrashReason crash) {
  const abi::link::StateChange change{slot, static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(to),
                                      static_cast<std::uint32_t>(crash)};
  link_->send(abi::link::Type::state, 0, raw(change));
}

void Report::begins(std::uint32_t slot, abi::Domcall c, std::uint32_t detail) {
  callback({slot, domcall, static_cast<std::uint32_t>(c), 0, 0, detail});
}

void Report::ended(std::uint32_t slot, abi::Domcall c, std::int32_t result, std::uint32_t detail) {
  callback({slot, domcall, static_cast<std::uint32_t>(c), result, 1, detail});
}

void Report::begins(std::uint32_t slot, abi::DcEvent c) {
  callback({slot, dc_event, static_cast<std::uint32_t>(c), 0, 0, 0});
}

void Report::ended(std::uint32_t slot, abi::DcEvent c, std::int32_t result) {
  callback({slot, dc_event, static_cast<std::uint32_t>(c), result, 1, 0});
}

void Report::callbacks_init(std::uint32_t slot) {
  callback({slot, boot_hook, 0, 0, 0, 0});
  callback({slot, boot_hook, 0, 0, 1, 0});
}

void Report::callback(const abi::link::Callback& c) {
  link_->send(abi::link::Type::callback, 0, raw(c));
  trace_->callback(c);
}

void Report::transfer(const abi::link::TransferChange& change) {
  link_->send(abi::link::Type::transfer, 0, raw(change));
  trace_->transfer(change);
}

void Report::say(std::string_view line) { console_(std::string{"agency: "}.append(line).append("\n")); }

}  // namespace agency
