// vbus, the agency's side: follows the frontends of all MEs through the store and moves the backends' states.
//
// The states are run here, the same way for every device; a Backend knows nothing of them.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "so3/abi/vbus.hpp"
#include "so3/agency/bus/backend.hpp"
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

  void follow(std::uint32_t slot);
  // Ends all devices of the ME: what it left in its rings is taken over first.
  void forget(std::uint32_t slot);

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
  void look(const FrontendId& id);
  void connect(const FrontendId& id);
  void set_state(const FrontendId& id, abi::vbus::State state);
  void refuse(const FrontendId& id, std::string why);
  std::vector<std::string> children(const std::string& path);

  Store* store_;
  std::map<std::string, Backend*, std::less<>> backends_;
  std::map<std::uint32_t, std::unique_ptr<Follower>> followers_;
  std::map<FrontendId, std::unique_ptr<Device>> devices_;
  bool pending_ = false;
};

}  // namespace agency
