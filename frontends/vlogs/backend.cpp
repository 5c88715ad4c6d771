#include "frontends/vlogs/backend.hpp"

#include <algorithm>

#include "so3/agency/text.hpp"

namespace vlogs {
namespace {

std::span<std::uint8_t> bytes(void* data, std::size_t size) { return {static_cast<std::uint8_t*>(data), size}; }

// What an ME claims to be, if it claims anything: the length of "[ME:<digits>] " at the begin of the line.
std::size_t claimed_prefix(std::string_view line) {
  constexpr std::string_view open{"[ME:"};
  if (!line.starts_with(open)) return 0;
  std::size_t at = open.size();
  while (at < line.size() && line[at] >= '0' && line[at] <= '9') ++at;
  return at > open.size() && line.substr(at).starts_with("] ") ? at + 2 : 0;
}

// All lines that a ring can hold, each with its prefix.
constexpr std::size_t ring_full =
    ring_bytes + ring_bytes / sizeof(Record) * (sizeof(Prefix) + 1) + RecordReader::longest;

}  // namespace

void RecordReader::read(std::string& out, std::size_t room) {
  while (fault_ == nullptr && out.size() + longest <= room && receive()) append(out);
}

// True: record_ and text_ are complete.
bool RecordReader::receive() {
  if (received_ < sizeof record_) {
    received_ += ring_.read(bytes(reinterpret_cast<std::uint8_t*>(&record_) + received_, sizeof record_ - received_));
    if (received_ == sizeof record_ && record_.length > line_max) fault_ = "a line longer than the protocol allows";
  }
  if (ring_.error()) fault_ = "a ring index beyond the ring";
  if (fault_ != nullptr || received_ < sizeof record_) return false;
  const auto have = received_ - sizeof record_;
  received_ += ring_.read(bytes(text_ + have, record_.length - have));
  if (ring_.error()) fault_ = "a ring index beyond the ring";
  if (fault_ != nullptr || received_ < sizeof record_ + record_.length) return false;
  received_ = 0;
  return true;
}

// A newline inside would let the ME write lines in another's name.
void RecordReader::append(std::string& out) const {
  std::string_view line{text_, record_.length};
  line.remove_prefix(claimed_prefix(line));
  out.append(prefix_);
  const auto begin = out.size();
  out.append(line);
  std::replace_if(
      out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(),
      [](char c) { return c == '\n' || c == '\r' || c == '\0'; }, ' ');
  out.push_back('\n');
}

LogDevice::LogDevice(std::uint32_t slot, agency::MappedPage page, agency::Doorbells& bells, agency::Logs& logs,
                     agency::Report& report)
    : Doorbell{bells},
      slot_{slot},
      logs_{&logs},
      report_{&report},
      page_{std::move(page)},
      reader_{page_.as<Ring>(), slot} {}

LogDevice::~LogDevice() { take_over(); }

// The ME may go on writing while this reads: what it can have written before is read.
void LogDevice::take_over() {
  std::string rest;
  reader_.read(rest, ring_full);
  logs_->keep(slot_, std::move(rest));
}

bool LogDevice::suspend() {
  if (!logs_->may_keep(ring_full)) return false;
  take_over();
  static_cast<void>(reader_.release());  // a writer that waits is signalled when it may go on
  quiet_ = true;
  return true;
}

void LogDevice::resume() {
  quiet_ = false;
  channel_.signal();
  ring();
}

void LogDevice::listen(guest::EventChannel channel) {
  channel_ = std::move(channel);
  ring();  // what came before there was a handler
}

void LogDevice::service() {
  if (quiet_) return;
  for (std::size_t done = 0;;) {
    const auto room = std::min(logs_->room(), turn_max - done);
    if (room < RecordReader::longest) return;  // service() comes when there is
    std::string lines;
    reader_.read(lines, room);
    logs_->write(slot_, lines);
    if (reader_.release()) channel_.signal();
    if (reader_.fault() != nullptr) break;
    done += lines.size();
    if (lines.size() + RecordReader::longest > room) return ring();  // others have their turn first
    if (reader_.prepare_wait()) return;
  }
  if (std::exchange(reported_, true)) return;
  report_->say(agency::text("the log of ME %u is cut off: %s", slot_, reader_.fault()));
}

std::expected<std::unique_ptr<agency::Device>, std::string> LogBackend::connect(const agency::FrontendKeys& keys) {
  const auto reference = keys.number(key_ring), port = keys.number(key_channel);
  if (!reference || !port)
    return std::unexpected{agency::text("%s and %s must be decimal numbers", key_ring, key_channel)};
  auto page = grants_->map(keys.slot(), *reference);
  if (!page)
    return std::unexpected{
        agency::text("%s %u cannot be mapped: %.*s", key_ring, *reference, AGENCY_SV(abi::name(page.error())))};
  auto device = std::make_unique<LogDevice>(keys.slot(), std::move(*page), *bells_, *logs_, *report_);
  auto channel = guest::EventChannel::bind(keys.slot(), *port, &agency::Doorbell::ring,
                                           static_cast<agency::Doorbell*>(device.get()));
  if (!channel)
    return std::unexpected{
        agency::text("%s %u cannot be bound: %.*s", key_channel, *port, AGENCY_SV(abi::name(channel.error())))};
  device->listen(std::move(*channel));
  return device;
}

}  // namespace vlogs
