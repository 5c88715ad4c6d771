// The rules for what is in the sections, each looked at by itself.
#pragma once
#include <cstdint>
#include <expected>
#include <string_view>

#include "so3/abi/snapshot.hpp"
#include "so3/snapshot/fault.hpp"

namespace snapshot {

using Checked = std::expected<void, Error>;

// `offset` is where it begins in the stream.
Checked check(const abi::snapshot::Header& header, std::uint64_t offset);
Checked check(const abi::snapshot::Me& me, std::uint64_t offset);
Checked check(const abi::snapshot::Vcpu& vcpu, std::uint64_t offset);
Checked check(const abi::snapshot::Event& event, std::uint64_t offset);
Checked check(const abi::snapshot::Grant& grant, std::uint64_t offset, std::uint64_t ram_size);
Checked check(const abi::snapshot::StoreEntry& entry, std::uint64_t offset);
Checked check_path(std::string_view path, std::uint64_t offset);
Checked check_page(std::uint64_t ipa, std::uint64_t offset, std::uint64_t ram_size);

}  // namespace snapshot
