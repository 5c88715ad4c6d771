// How one ME reaches the store: its store page mapped here, its port bound, its connection served.
#pragma once
#include <cstdint>
#include <expected>
#include <memory>

#include "so3/agency/loop/doorbell.hpp"
#include "so3/agency/machine/grant_window.hpp"
#include "so3/agency/store/connection.hpp"
#include "so3/guest/events.hpp"

namespace agency {

class StoreChannel final : public Doorbell, private Connection::Client {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void store_served() = 0;                                     // the ME changed something, maybe
    virtual void store_broken(std::uint32_t slot, const char* why) = 0;  // it is no longer served
    // An agency_ctl of a thread; answer() it some time.
    virtual void store_asked(std::uint32_t slot, std::uint32_t id, const Connection::Words& words) = 0;
  };

  // Before the ME runs.
  [[nodiscard]] static hypercall::Result<std::unique_ptr<StoreChannel>> open(std::uint32_t slot, Store& store,
                                                                             GrantWindow& window, Doorbells& bells,
                                                                             Owner& owner);
  void answer() override;
  void answer(std::uint32_t id, const Connection::Words& words) { connection_.answer(id, words); }

 private:
  void asked(std::uint32_t id, const Connection::Words& words) override { owner_->store_asked(slot_, id, words); }
  StoreChannel(std::uint32_t slot, MappedPage page, Store& store, Doorbells& bells, Owner& owner);

  std::uint32_t slot_;
  Owner* owner_;
  MappedPage page_;
  Connection connection_;
  guest::EventChannel channel_;
};

}  // namespace agency
