// A snapshot that comes from the agency: checked, and passed on to be written.
#pragma once
#include <memory>

#include "engine/snapshot/saving.hpp"
#include "so3/agency/transfer/incoming.hpp"
#include "so3/snapshot/reader.hpp"

namespace engine {

class Reception final : private agency::transfer::Cargo, private snapshot::Handler {
 public:
  Reception(agency::transfer::Wire& wire, const agency::transfer::Id& id, const agency::transfer::Offer& offer,
            std::shared_ptr<Saving> saving, agency::transfer::Time now)
      : offer_{offer}, saving_{std::move(saving)}, incoming{wire, *this, id, offer, now} {}
  Reception(const Reception&) = delete;
  Reception& operator=(const Reception&) = delete;

  // The file has got on, or not.
  void look(agency::transfer::Time now);

 private:
  std::expected<bool, agency::Refusal> take(std::string_view bytes) override;
  std::size_t held() const override { return saving_->held(); }
  void activate() override { saving_->complete(); }
  void drop(const std::string& why) override;
  bool me(const abi::snapshot::Me& me) override;

  agency::transfer::Offer offer_;
  std::shared_ptr<Saving> saving_;
  snapshot::Reader reader_{*this};

 public:
  agency::transfer::Incoming incoming;  // last: it says that it accepts
};

}  // namespace engine
