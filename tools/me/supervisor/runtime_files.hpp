// What a running smart object has in the runtime folder: a lock, sockets for verbs and for neighbours, a few facts.
#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "engine/error.hpp"
#include "engine/host/file_descriptor.hpp"

namespace me {

struct RuntimeFiles {
  std::filesystem::path lock, socket, facts, facts_begun;
  std::filesystem::path link;  // where neighbours connect

  // Fails when the folder is there and others may write to it.
  static engine::Result<RuntimeFiles> of(std::string_view name);
};

// Facts about the smart object: {"pid": of the supervisor, "log_folder": …}, and "died": why, once it has.
[[nodiscard]] nlohmann::json read_facts(const RuntimeFiles& files);
[[nodiscard]] engine::Result<> write_facts(const RuntimeFiles& files, const nlohmann::json& facts);

// Held by the supervisor as long as it lives; the kernel lets go of it however that ends.
class RuntimeLock {
 public:
  // Fails with already_up when another supervisor lives. `found` says what an earlier one left behind, if anything;
  // that is removed.
  [[nodiscard]] static engine::Result<RuntimeLock> take(const RuntimeFiles& files, std::string_view name,
                                                        std::string& found);

  // Removes lock and socket; the facts too unless they are to tell the next one why this one died.
  void remove(bool keep_facts);

 private:
  RuntimeLock(RuntimeFiles files, engine::FileDescriptor fd) : files_{std::move(files)}, fd_{std::move(fd)} {}

  RuntimeFiles files_;
  engine::FileDescriptor fd_;
};

}  // namespace me
