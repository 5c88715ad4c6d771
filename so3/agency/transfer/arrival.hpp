// An ME that comes: made of the stream, page by page, and brought to life once all of it is right.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "so3/agency/me/life.hpp"
#include "so3/agency/me/placement.hpp"
#include "so3/agency/transfer/incoming.hpp"
#include "so3/snapshot/reader.hpp"

namespace agency::transfer {

class Arrival final : public Cargo, private snapshot::Handler, public std::enable_shared_from_this<Arrival> {
 public:
  struct Where {
    Loop& loop;
    Store& store;
    Residents& residents;
    Life& life;
    std::uint32_t cpus;
  };
  // `changed`: activate() came to its end, whichever.
  Arrival(const Where& where, Wire& wire, const Id& id, const Offer& offer, std::function<void()> changed)
      : where_{where},
        offer_{offer},
        changed_{std::move(changed)},
        incoming_{wire, *this, id, offer, where.loop.now()} {}
  Arrival(const Arrival&) = delete;
  Arrival& operator=(const Arrival&) = delete;

  Incoming& incoming() { return incoming_; }
  const std::string& name() const { return offer_.name; }
  std::uint32_t slot() const { return me_ ? me_->slot : 0; }  // 0: none yet

  // Cargo
  std::expected<bool, Refusal> take(std::string_view bytes) override;
  void activate() override;
  void drop(const std::string& why) override;

 private:
  bool me(const abi::snapshot::Me& me) override;
  bool vcpu(const abi::snapshot::Vcpu& vcpu) override;
  bool store(std::string_view path, std::string_view value) override;
  bool page(std::uint64_t ipa, snapshot::PageBytes bytes) override;
  bool stop(abi::Status status, std::string why);
  Task<Done> activating(std::shared_ptr<Arrival> self);
  bool stays_dormant() const;
  std::expected<void, Refusal> restore();
  std::expected<void, Refusal> rest();

  Where where_;
  Offer offer_;
  std::function<void()> changed_;
  std::shared_ptr<Me> me_;
  abi::snapshot::Me entry_{};
  abi::snapshot::Vcpu vcpu_{};
  std::optional<Refusal> stopped_;
  snapshot::Reader reader_{*this};
  Incoming incoming_;
};

}  // namespace agency::transfer
