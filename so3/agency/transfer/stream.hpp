// A frozen ME as the stream of so3/abi/snapshot.hpp, made piece by piece as it is taken.
#pragma once
#include <cstddef>
#include <expected>
#include <memory>
#include <string_view>

#include "so3/abi/transfer.hpp"
#include "so3/agency/me/agency_ctl.hpp"
#include "so3/agency/store/store.hpp"
#include "so3/agency/transfer/frozen.hpp"
#include "so3/agency/transfer/stream_buffer.hpp"
#include "so3/snapshot/writer.hpp"

namespace agency::transfer {

class Stream final : private snapshot::Sink {
 public:
  // `wall_clock_ns`: Unix time now, 0 if unknown.
  Stream(Frozen frozen, const Place& place, std::uint64_t wall_clock_ns);
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // What comes before the pages. Once, and first.
  [[nodiscard]] std::expected<void, Refusal> begin(Store& store);
  // Makes at least `bytes`, if there are so many. Anything but a success: there will be no more.
  [[nodiscard]] std::expected<void, Refusal> fill(std::size_t bytes);
  std::string_view bytes() const { return made_.view().substr(taken_); }
  void take(std::size_t bytes) { taken_ += bytes; }
  // bytes() has the last of it.
  bool ended() const { return ended_; }

 private:
  static constexpr std::size_t batch = 8;  // pages
  // At once: what is wanted, and a batch that did not quite make it.
  static constexpr std::size_t usual = abi::transfer::data_max + (batch + 1) * abi::page_size;
  struct Batch {
    alignas(16) std::byte pages[batch][abi::page_size];
    std::uint64_t ipas[batch];
  };

  void put(snapshot::Bytes bytes) override {
    made_.append({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  std::expected<void, Refusal> context(Store& store);
  std::expected<void, Refusal> store_entries(Store& store);
  std::unexpected<Refusal> failed(abi::Status status) const;

  Frozen frozen_;
  Place place_;
  std::uint64_t taken_ns_;
  snapshot::Writer writer_{*this};
  std::unique_ptr<Batch> batch_;
  StreamBuffer made_;
  std::size_t taken_ = 0;
  bool ended_ = false;
};

}  // namespace agency::transfer
