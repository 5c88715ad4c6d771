// All that a snapshot file says, for whoever wants to look into it.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/error.hpp"
#include "engine/host/file_descriptor.hpp"
#include "so3/abi/image.hpp"
#include "so3/snapshot/reader.hpp"
#include "so3/snapshot/threads.hpp"

namespace engine {

class SnapshotContents final : private snapshot::Handler, private snapshot::Memory {
 public:
  // Fails when anything is wrong with it. The ME's memory goes to a temporary file without a name: it may be large.
  [[nodiscard]] static Result<std::unique_ptr<SnapshotContents>> read(const std::filesystem::path& path);

  struct Region {
    std::string name;
    std::uint64_t ipa;  // of its first page
    std::uint64_t pages, touched;
  };

  std::uint64_t file_size = 0, stream_length = 0;
  abi::snapshot::Header head{};
  abi::snapshot::Me it{};
  abi::snapshot::Vcpu cpu{};
  std::vector<abi::snapshot::Event> events;
  std::vector<abi::snapshot::Grant> grants;
  std::vector<std::pair<std::string, std::string>> entries;  // of vbstore

  // Of the image it was injected as, when there still is one.
  std::optional<abi::ImageHeader> image() const;
  std::vector<Region> regions() const;
  snapshot::Threads threads() const;

 private:
  SnapshotContents() = default;

  bool header(const abi::snapshot::Header& h) override { return head = h, true; }
  bool me(const abi::snapshot::Me& m) override;
  bool vcpu(const abi::snapshot::Vcpu& v) override { return cpu = v, true; }
  bool event(const abi::snapshot::Event& e) override { return events.push_back(e), true; }
  bool grant(const abi::snapshot::Grant& g) override { return grants.push_back(g), true; }
  bool store(std::string_view path, std::string_view value) override { return entries.emplace_back(path, value), true; }
  bool page(std::uint64_t ipa, snapshot::PageBytes bytes) override;
  bool read(std::uint64_t address, std::span<std::byte> to) const override;

  FileDescriptor memory_;
  std::vector<bool> touched_;  // by page
  std::string trouble_;        // with memory_
};

}  // namespace engine
