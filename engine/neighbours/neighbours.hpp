// The neighbours of a smart object: those it is linked with. Carries what the agencies say to each other.
#pragma once
#include <map>
#include <memory>

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
  struct Agency {
    virtual ~Agency() = default;
    virtual void peer_up(const abi::link::PeerUp& peer) = 0;
    virtual void peer_down(const abi::link::PeerDown& peer) = 0;
    virtual void from_peer(std::uint32_t peer, std::span<const std::uint8_t> message) = 0;
    virtual void changed(const NeighbourChanged& change) = 0;
  };
  using Linked = std::function<void(Result<Neighbour>)>;

  Neighbours(boost::asio::io_context& io, Agency& agency) : io_{io}, agency_{&agency} {}
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
  const Neighbour* find(std::uint32_t peer) const;
  // A message of the agency; to one that has gone it is lost, as it could be on any network.
  void to_peer(std::uint32_t peer, std::span<const std::uint8_t> message);
  // The smart object has ended: tells all of them.
  void end();

 private:
  struct Known {
    Neighbour neighbour;
    std::shared_ptr<Line> line;
    bool asked;  // by the side whose link this is: 1 this one
  };

  void greeted(const std::shared_ptr<Line>& line, const Greeting& greeting) override;
  void message(Line& line, std::span<const std::uint8_t> bytes) override;
  void ended(Line& line, const End& end) override;
  void settle(Line& line, Result<Neighbour> result);

  boost::asio::io_context& io_;
  Agency* agency_;
  Greeting own_{};
  std::map<Line*, std::pair<Linked, bool>> greeting_;  // until they are linked; and whether this side asked
  std::map<std::uint32_t, Known> known_;
  std::uint32_t next_peer_ = abi::link::peer_engine + 1;
};

}  // namespace neighbours
}  // namespace engine
