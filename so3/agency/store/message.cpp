#include "so3/agency/store/message.hpp"

#include <cstring>
#include <optional>
#include <vector>

namespace agency {
namespace {

using abi::Status;
using abi::vbstore::Header;
using abi::vbstore::Operation;
using abi::vbstore::Type;
using Done = std::expected<void, Status>;

struct PathAndValue {
  StorePath path;
  std::string_view value;
};

std::optional<PathAndValue> split(std::string_view payload) {
  const auto nul = payload.find('\0');
  if (nul == std::string_view::npos) return std::nullopt;
  const auto path = StorePath::parse(payload.substr(0, nul));
  if (!path) return std::nullopt;
  return PathAndValue{*path, payload.substr(nul + 1)};
}

Done transaction(Store& store, std::uint32_t domain, std::string_view payload) {
  std::vector<Store::Change> changes;
  while (!payload.empty()) {
    Operation operation;
    if (payload.size() < sizeof operation) return std::unexpected{Status::bad_argument};
    std::memcpy(&operation, payload.data(), sizeof operation);
    payload.remove_prefix(sizeof operation);
    if (operation.length > payload.size()) return std::unexpected{Status::bad_argument};
    const auto parts = split(payload.substr(0, operation.length));
    const auto type = static_cast<Type>(operation.type);
    if (!parts || (type != Type::write && !parts->value.empty())) return std::unexpected{Status::bad_argument};
    changes.push_back({type, parts->path, parts->value});
    payload.remove_prefix(operation.length);
  }
  return store.transaction(domain, changes);
}

Done execute(Store& store, Watcher& client, Type type, std::string_view payload, std::string& out) {
  const auto domain = client.domain();
  if (type == Type::transaction_end) return transaction(store, domain, payload);
  const auto parts = split(payload);
  if (!parts || (type != Type::write && !parts->value.empty())) return std::unexpected{Status::bad_argument};
  switch (type) {
    case Type::directory: {
      const auto names = store.list(parts->path);
      if (!names) return std::unexpected{names.error()};
      out += *names;
      return {};
    }
    case Type::directory_exists:
      if (!store.exists(parts->path)) return std::unexpected{Status::not_found};
      return {};
    case Type::read: {
      const auto value = store.read(parts->path);
      if (!value) return std::unexpected{value.error()};
      out += *value;
      return {};
    }
    case Type::watch: return store.watch(client, parts->path);
    case Type::unwatch: return store.unwatch(client, parts->path);
    case Type::write: return store.write(domain, parts->path, parts->value);
    case Type::mkdir: return store.mkdir(domain, parts->path);
    case Type::rm: return store.rm(domain, parts->path);
    case Type::transaction_end:
    case Type::watch_event:
    case Type::agency_ctl: break;
  }
  return std::unexpected{Status::not_supported};
}

}  // namespace

void answer_request(Store& store, Watcher& client, const Header& request, std::string_view payload, std::string& out) {
  const auto at = out.size();
  Header header{request.type, request.id, 0, 0};
  out.append(sizeof header, '\0');
  const auto done = execute(store, client, static_cast<Type>(request.type), payload, out);
  header.length = static_cast<std::uint32_t>(out.size() - at - sizeof header);
  header.status = done ? 0 : static_cast<std::int32_t>(done.error());
  std::memcpy(out.data() + at, &header, sizeof header);
}

void append_answer(const Header& request, Status status, std::string_view payload, std::string& out) {
  const Header header{request.type, request.id, static_cast<std::uint32_t>(payload.size()),
                      static_cast<std::int32_t>(status)};
  out.append(reinterpret_cast<const char*>(&header), sizeof header).append(payload);
}

void append_event(const WatchEvent& event, std::string& out) {
  const Header header{static_cast<std::uint32_t>(Type::watch_event), 0,
                      static_cast<std::uint32_t>(event.watch.size() + event.changed.size() + 2), 0};
  out.append(reinterpret_cast<const char*>(&header), sizeof header);
  out.append(event.watch).push_back('\0');
  out.append(event.changed).push_back('\0');
}

}  // namespace agency
