#include "engine/snapshot/restoring.hpp"

#include <algorithm>

#include "so3/abi/transfer.hpp"

namespace engine {
namespace {

// What an offer says about it.
struct Summary final : snapshot::Handler {
  bool header(const abi::snapshot::Header& h) override { return abi_version = h.abi_version, true; }
  bool me(const abi::snapshot::Me& m) override { return it = m, true; }
  std::uint32_t abi_version = 0;
  abi::snapshot::Me it{};
};

}  // namespace

Result<std::shared_ptr<Restoring>> Restoring::open(const std::filesystem::path& path) {
  Summary summary;
  if (auto right = read_snapshot(path, summary); !right) return std::unexpected(right.error());
  auto file = SnapshotFile::open(path);
  if (!file) return std::unexpected(file.error());
  const auto& me = summary.it;
  return std::shared_ptr<Restoring>(new Restoring(std::move(*file), {abi::transfer::Kind::restore, summary.abi_version,
                                                                     me.spid, me.ram_size, 0, std::string(me.name)}));
}

Result<std::uint32_t> Restoring::run(const std::function<void()>& poke) {
  const auto fed = feed(poke);
  std::unique_lock lock(mutex_);
  if (!fed) {
    trouble_ = fed.error();
    lock.unlock();
    poke();
    lock.lock();
  }
  changed_.wait(lock, [&] { return ended_.has_value(); });
  if (trouble_ && !*ended_) return std::unexpected(*trouble_);
  return *ended_;
}

// A piece goes on its way when the next one was read, the last one when the file ended as it must: it was right when it
// was opened, and may have changed since.
Result<> Restoring::feed(const std::function<void()>& poke) {
  std::vector<std::byte> before;
  while (true) {
    const auto piece = file_->next();
    if (!piece) return std::unexpected(piece.error());
    if (!add(before, piece->empty(), poke) || piece->empty()) return {};
    before.assign(piece->begin(), piece->end());
  }
}

// False: it has come to an end.
bool Restoring::add(snapshot::Bytes bytes, bool last, const std::function<void()>& poke) {
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ended_ || waiting_.size() < abi::transfer::window_default; });
    if (ended_) return false;
    waiting_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    all_ = last;
  }
  poke();
  return true;
}

std::optional<Restoring::Piece> Restoring::take(std::size_t room) {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty() || room == 0) return std::nullopt;
  const auto size = std::min(room, waiting_.size());
  Piece piece{waiting_.substr(0, size), all_ && size == waiting_.size()};
  waiting_.erase(0, size);
  changed_.notify_all();
  return piece;
}

std::optional<Error> Restoring::trouble() const {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

void Restoring::ended(Result<std::uint32_t> slot) {
  const std::lock_guard lock(mutex_);
  if (!ended_) ended_ = std::move(slot);
  changed_.notify_all();
}

}  // namespace engine
