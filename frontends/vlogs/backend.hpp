// VLOGS, the agency's side: reads lines out of each ME's ring and hands them on, in order, none lost.
//
// Back-pressure: while there is no room downstream nothing is read, so the ring fills and the ME's writer waits.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "frontends/vlogs/protocol.hpp"
#include "so3/agency/bus/backend.hpp"
#include "so3/agency/logs.hpp"
#include "so3/agency/loop/doorbell.hpp"
#include "so3/agency/machine/grant_window.hpp"
#include "so3/agency/me/report.hpp"
#include "so3/guest/events.hpp"

namespace vlogs {

// Records out of a ring that the ME may fill with anything.
class RecordReader {
 public:
  RecordReader(Ring& ring, std::uint32_t slot) : ring_{ring}, prefix_{slot} {}

  // Appends complete lines to `out`, prefix at the begin and '\n' at the end of each, as long as another of the longest
  // keeps it within `room` bytes.
  void read(std::string& out, std::size_t room);
  // True: the writer sleeps, signal it.
  [[nodiscard]] bool release() { return ring_.release(); }
  // False: there is something to read already.
  [[nodiscard]] bool prepare_wait() { return ring_.prepare_wait(); }
  // Which rule the ME broke, or nullptr. Nothing is read any more.
  const char* fault() const { return fault_; }

  static constexpr std::size_t longest = line_max + sizeof(Prefix) + 1;

 private:
  bool receive();
  void append(std::string& out) const;

  abi::ByteRingReader<ring_bytes> ring_;
  Prefix prefix_;
  Record record_{};
  std::size_t received_ = 0;  // of record_, then of text_
  char text_[line_max];
  const char* fault_ = nullptr;
};

class LogDevice final : public agency::Device, public agency::Doorbell {
 public:
  LogDevice(std::uint32_t slot, agency::MappedPage page, agency::Doorbells& bells, agency::Logs& logs,
            agency::Report& report);
  ~LogDevice() override;
  void listen(guest::EventChannel channel);

  void answer() override { service(); }
  void service() override;
  bool suspend() override;
  void resume() override;

 private:
  void take_over();
  static constexpr std::size_t turn_max = 16 * 1024;
  std::uint32_t slot_;
  agency::Logs* logs_;
  agency::Report* report_;
  agency::MappedPage page_;
  RecordReader reader_;
  guest::EventChannel channel_;
  bool reported_ = false;
  bool quiet_ = false;
};

class LogBackend final : public agency::Backend {
 public:
  LogBackend(agency::GrantWindow& grants, agency::Doorbells& bells, agency::Logs& logs, agency::Report& report)
      : grants_{&grants}, bells_{&bells}, logs_{&logs}, report_{&report} {}
  std::string_view type() const override { return vlogs::type; }
  std::expected<std::unique_ptr<agency::Device>, std::string> connect(const agency::FrontendKeys& keys) override;

 private:
  agency::GrantWindow* grants_;
  agency::Doorbells* bells_;
  agency::Logs* logs_;
  agency::Report* report_;
};

}  // namespace vlogs
