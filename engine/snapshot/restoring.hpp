// One snapshot on its way from a file into a smart object: read in the thread of whoever wants it, sent in the machine's.
#pragma once
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "engine/snapshot/file_reader.hpp"
#include "so3/agency/transfer/message.hpp"

namespace engine {

class Restoring {
 public:
  // Reads all of the file first: nothing of a damaged one is offered.
  [[nodiscard]] static Result<std::shared_ptr<Restoring>> open(const std::filesystem::path& path);

  const agency::transfer::Offer& offer() const { return offer_; }

  // ---- whoever wants it
  // The slot it lives in. `poke` is called when the machine's thread should look again.
  [[nodiscard]] Result<std::uint32_t> run(const std::function<void()>& poke);

  // ---- the machine's thread
  struct Piece {
    std::string bytes;
    bool last;
  };
  // The next bytes, `room` at most; nothing: none are there yet.
  std::optional<Piece> take(std::size_t room);
  std::optional<Error> trouble() const;  // with the file
  void ended(Result<std::uint32_t> slot);

 private:
  Restoring(std::unique_ptr<SnapshotFile> file, agency::transfer::Offer offer)
      : file_{std::move(file)}, offer_{std::move(offer)} {}
  [[nodiscard]] Result<> feed(const std::function<void()>& poke);
  bool add(snapshot::Bytes bytes, bool last, const std::function<void()>& poke);

  std::unique_ptr<SnapshotFile> file_;
  agency::transfer::Offer offer_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string waiting_;
  bool all_ = false;
  std::optional<Error> trouble_;
  std::optional<Result<std::uint32_t>> ended_;
};

}  // namespace engine
