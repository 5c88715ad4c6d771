// The neighbours of a smart object: those it is linked with. Carries what the agencies say to each other.
#pragma once
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <set>

#include "engine/event.hpp"
#include "engine/neighbours/line.hpp"

namespace engine {

struct Neighbour {
  std::string name;
  std::uint64_t agency_uid;
  std::uint32_t peer;  // its number towards the agency
};

namespace neighbours {

// In one thread. What it says to the agency, and to whoever listens, goes through `Agency`.
class Neighbours final : private Line::Owner {
 public:
  using Answered = std::function<void(Result<>)>;
  struct Agency {
    virtual ~Agency() = default;
    // `answered` is called later, in the same thread, unless the agency ends first. A peer that it refuses it has not.
    virtual void peer_up(const abi::link::PeerUp& peer, Answered answered) = 0;
    virtual void peer_down(const abi::link::PeerDown& peer) = 0;
    virtual void from_peer(std::uint32_t peer, std::span<const std::uint8_t> message) = 0;
    // So much waits for it that nothing more is read from neighbours, until go_on().
    virtual bool full() const = 0;
    virtual void changed(const NeighbourChanged& change) = 0;
  };
  using Linked = std::function<void(Result<Neighbour>)>;

  // Who is asked greets only when its agency has taken the link.
  static constexpr std::chrono::milliseconds greeting_patience{30'000};

  Neighbours(boost::asio::io_context& io, Agency& agency, std::chrono::milliseconds patience = greeting_patience)
      : io_{io}, agency_{&agency}, patience_{patience} {}
  Neighbours(const Neighbours&) = delete;
  Neighbours& operator=(const Neighbours&) = delete;

  // Who this side is; before anything else.
  void introduce(const abi::link::Hello& self);
  // A connected stream socket. `asked`: this side wants the link. `linked` gets to know what became of it.
  void add(FileDescriptor socket, bool asked, Linked linked);
  // False: there is none of this name.
  bool remove(std::string_view name);
  std::vector<Neighbour> all() const;
  const Neighbour* find(std::string_view name) const;
  // Of one that is linked, or was not long ago; empty: of none.
  std::string name_of(std::uint32_t peer) const;
  // A message of the agency; to one that has gone it is lost, as it could be on any network.
  void to_peer(std::uint32_t peer, std::span<const std::uint8_t> message);
  // The agency has room again.
  void go_on();
  // The smart object has ended: tells all of them, and those that are not linked yet why they will not be.
  void end(const Error& reason);

 private:
  struct Known {
    Neighbour neighbour;
    std::shared_ptr<Line> line;
    bool asked;  // by the side whose link this is: 1 this one
    bool linked = false;  // the agency has it; before that nobody else is told
  };

  // A line that is not a link yet.
  struct Beginning {
    Linked linked;
    bool asked;
    boost::asio::steady_timer patience;
    bool heard = false;  // the other side has greeted
  };

  void greeted(const std::shared_ptr<Line>& line, const Greeting& greeting) override;
  bool full() const override { return agency_->full(); }
  void message(Line& line, std::span<const std::uint8_t> bytes) override;
  void ended(Line& line, const End& end) override;
  void settle(Line& line, Result<Neighbour> result);
  void greet(Line& line, bool asked);
  void await_greeting(const std::shared_ptr<Line>& line);
  std::set<std::shared_ptr<Line>> lines() const;
  void answered(std::uint32_t peer, const Result<>& taken);

  boost::asio::io_context& io_;
  Agency* agency_;
  Greeting own_{};
  std::chrono::milliseconds patience_;
  std::map<std::shared_ptr<Line>, Beginning> beginning_;
  std::map<std::uint32_t, Known> known_;
  std::map<std::uint32_t, std::string> names_;  // of these and of those that went last
  std::uint32_t next_peer_ = abi::link::peer_engine + 1;
};

}  // namespace neighbours
}  // namespace engine
