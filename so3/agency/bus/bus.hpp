// vbus, the agency's side: follows the frontends of all MEs through the store and moves the backends' states.
//
// The states are run here, the same way for every device; a Backend knows nothing of them.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "so3/abi/vbus.hpp"
#include "so3/agency/bus/backend.hpp"
#include "so3/agency/bus/states.hpp"
#include "so3/agency/store/store.hpp"

namespace agency {

class Bus {
 public:
  // A hostile ME cannot have more than this many connected.
  static constexpr std::size_t frontends_per_me = 32;

  explicit Bus(Store& store) : store_{&store} {}
  Bus(const Bus&) = delete;
  Bus& operator=(const Bus&) = delete;

  // Advertises backend/<type>. The backend outlives the bus.
  void add(Backend& backend);

  // A device capability that no backend stands for (abi/devcaps.hpp).
  void add_devcaps(std::uint32_t entry) { devcaps_.push_back(entry); }
  // All attributes that this smart object has of a class.
  std::uint32_t devcaps(std::uint8_t device_class) const;

  void follow(std::uint32_t slot);
  // Ends all devices of the ME: what it left in its rings is taken over first.
  void forget(std::uint32_t slot);

  // Asks the frontends of the ME that are connected to be quiet, and those that are quiet to go on. Both take their time:
  // see unsettled().
  void suspend(std::uint32_t slot);
  void resume(std::uint32_t slot);
  // The first frontend of the ME that something is still expected of, and what: "vlogs/0, which is Connected and should
  // be Suspended".
  std::optional<std::string> unsettled(std::uint32_t slot) const;
  // Called whenever something of that changed.
  void when_moved(std::function<void(std::uint32_t slot)> moved) { moved_ = std::move(moved); }

  // Acts on what changed in the store since the last call.
  void process();
  void service();

  // The first error that the agency or the ME itself wrote for one of its frontends: "vlogs/0: ...".
  std::optional<std::string> error(std::uint32_t slot);

 private:
  class Follower final : public Watcher {
   public:
    explicit Follower(bool& pending) : Watcher{abi::agency_domain, 1}, pending_{&pending} {}

   private:
    void event_pending() override { *pending_ = true; }
    bool* pending_;
  };

  void changed(std::uint32_t slot, std::string_view path);
  // A backend's end of one frontend; the device is there while it is connected or quiet.
  struct Entry {
    abi::vbus::State state = abi::vbus::State::unknown;
    abi::vbus::State frontend = abi::vbus::State::unknown;  // as last seen
    std::unique_ptr<Device> device;
  };
  void look(const FrontendId& id);
  void follow(const FrontendId& id, Entry& entry);
  bool act(const FrontendId& id, Entry& entry, backend::Action action);
  bool expect(const FrontendId& id);
  bool connect(const FrontendId& id, Entry& entry);
  void set_state(const FrontendId& id, abi::vbus::State state);
  void move(const FrontendId& id, Entry& entry, abi::vbus::State next);
  void ask(std::uint32_t slot, abi::vbus::State (*wanted)(abi::vbus::State own));
  bool refuse(const FrontendId& id, std::string why);
  std::vector<std::string> children(const std::string& path);

  Store* store_;
  std::map<std::string, Backend*, std::less<>> backends_;
  std::map<std::uint32_t, std::unique_ptr<Follower>> followers_;
  std::map<FrontendId, Entry> entries_;
  std::function<void(std::uint32_t)> moved_ = [](std::uint32_t) {};
  std::vector<std::uint32_t> devcaps_;
  bool pending_ = false;
};

}  // namespace agency
