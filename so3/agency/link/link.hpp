// The conversation with the engine, over whatever carries bytes.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "so3/abi/link.hpp"
#include "so3/abi/status.hpp"
#include "so3/agency/link/frame.hpp"

namespace agency {

class Port {
 public:
  virtual ~Port() = default;
  // Takes as many bytes as it can now; whoever drives the port calls Link::flush() when it can take more.
  virtual std::size_t write(Bytes bytes) = 0;
  // Lets go of this connection; the peer may open another one.
  virtual void close() = 0;
};

class LinkClient {
 public:
  virtual ~LinkClient() = default;
  virtual void link_opened() = 0;                         // send `ready`
  virtual void link_request(const Request& request) = 0;  // answer with reply(), now or later
  virtual void link_log_room() = 0;                       // there is room for log lines again
  virtual void link_closed(std::string_view why) = 0;
  virtual void link_drained() {}                          // the port took all that waited
};

class Link {
 public:
  Link(Port& port, LinkClient& client) : port_{&port}, client_{&client} {}

  // From the port.
  void open();
  void closed();
  void receive(Bytes bytes);
  void flush();

  bool is_open() const { return open_; }
  // Something waits to be taken by the port: so many bytes.
  bool busy() const { return !out_.empty(); }
  std::size_t queued() const { return out_.size() - sent_; }
  // Bytes of memory that the queue has, whatever is in it.
  std::size_t reserved() const { return out_.capacity(); }
  // Counts connections: an answer goes to the one that asked, or nowhere.
  std::uint32_t session() const { return session_; }

  // While no engine is connected nothing is sent.
  void send(abi::link::Type type, std::uint32_t id, std::string_view head, std::string_view tail = {});
  void reply(std::uint32_t id, abi::Status status, std::uint64_t value = 0, std::string_view tail = {});

  // Bytes of log lines that may be sent now. Once it was too little, log_room() of the client tells of more.
  std::size_t log_room();
  void send_log(std::uint32_t slot, std::string_view lines);
  void add_credit(std::uint64_t bytes);
  // A frame of a trace may be sent now: it would not be what the rest waits for.
  bool trace_room() const { return open_ && out_.size() - sent_ < log_queue_max; }

 private:
  // What waits for the engine. Log lines stop at the first; beyond the second the engine is taken for gone.
  static constexpr std::size_t log_queue_max = 64 * 1024;
  static constexpr std::size_t queue_max = 1024 * 1024;
  static constexpr std::size_t kept_max = 64 * 1024;

  void drop(std::string_view why);
  void forget_queue();
  std::size_t room() const;

  Port* port_;
  LinkClient* client_;
  FrameDecoder decoder_;
  std::string out_;
  std::size_t sent_ = 0;
  std::uint64_t credit_ = 0;
  std::uint32_t session_ = 0;
  bool open_ = false;
  bool room_wanted_ = false;
};

}  // namespace agency
