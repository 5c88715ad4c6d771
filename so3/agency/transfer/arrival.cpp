#include "so3/agency/transfer/arrival.hpp"

#include "so3/agency/text.hpp"

namespace agency::transfer {
namespace {

using abi::Status;

// Of soo/me/@ what libme writes itself when it resumes at a new place; the rest is the author's own.
bool rewritten_by_me(std::string_view name) {
  return name.empty() || name == "spid" || name == "spadcaps" || name == "name" || name == "shortdesc";
}

}  // namespace

std::expected<bool, Refusal> Arrival::take(std::string_view bytes) {
  const auto read = reader_.take(std::as_bytes(std::span{bytes}));
  if (stopped_) return std::unexpected{*stopped_};
  if (!read) {
    char line[256];
    return refuse(Status::bad_argument, std::string{snapshot::message(read.error(), line)});
  }
  return reader_.complete();
}

bool Arrival::stop(Status status, std::string why) {
  stopped_ = Refusal{status, std::move(why)};
  return false;
}

bool Arrival::me(const abi::snapshot::Me& me) {
  entry_ = me;
  const auto& id = incoming_.id();
  if (me.ram_size != offer_.ram_size || me.spid != offer_.spid)
    return stop(Status::bad_argument, "the snapshot is not of the ME that was offered");
  if (offer_.kind == Kind::move && (me.instance_id != id.instance || me.epoch > id.epoch))
    return stop(Status::bad_argument, "the snapshot is not of the instance that moves");
  auto placed = place(where_.residents, where_.cpus,
                      {.ram_bytes = me.ram_size,
                       .name = std::string{me.name},
                       .exclusive_cpu = me.exclusive_cpu != 0,
                       .migrating = true,
                       .instance_id = id.instance,
                       .epoch = id.epoch});
  if (!placed) return stop(placed.error().status, placed.error().text);
  me_ = std::move(*placed);
  me_->driven = true;
  me_->doing = "arrival";
  return true;
}

bool Arrival::vcpu(const abi::snapshot::Vcpu& vcpu) {
  vcpu_ = vcpu;
  return true;
}

bool Arrival::store(std::string_view path, std::string_view value) {
  if (me_->gone) return stop(Status::bad_state, "the ME " + me_->end);
  constexpr std::string_view own = "soo/me/@";
  if (!path.starts_with(own)) return true;
  if (!stays_dormant() && rewritten_by_me(path.substr(std::min(own.size() + 1, path.size())))) return true;
  const auto here = text("soo/me/%u", me_->slot).append(path.substr(own.size()));
  const auto parsed = StorePath::parse(here);
  if (!parsed) return stop(Status::too_big, "a path of the ME in vbstore is too long for the slot that it gets here");
  if (const auto written = where_.store.write(abi::agency_domain, *parsed, value); !written)
    return stop(written.error(), text("what the ME has in vbstore (%s) finds no room here: %.*s", here.c_str(),
                                      AGENCY_SV(abi::name(written.error()))));
  return true;
}

bool Arrival::page(std::uint64_t ipa, snapshot::PageBytes bytes) {
  if (me_->gone) return stop(Status::bad_state, "the ME " + me_->end);
  const auto loaded =
      hypercall::domain_load(me_->slot, ipa, reinterpret_cast<std::uintptr_t>(bytes.data()), bytes.size());
  if (!loaded)
    return stop(loaded.error(), text("memory of the ME cannot be loaded: %.*s", AGENCY_SV(abi::name(loaded.error()))));
  return true;
}

// What comes from a file goes on as it was; a traveller arrives, and lives unless it says otherwise.
bool Arrival::stays_dormant() const {
  return offer_.kind == Kind::restore && entry_.state == static_cast<std::uint32_t>(abi::State::dormant);
}

void Arrival::activate() { spawn(activating(shared_from_this())); }

std::expected<void, Refusal> Arrival::restore() {
  if (me_->gone) return refuse(Status::bad_state, "the ME " + me_->end);
  const auto restored = hypercall::domain_restore(me_->slot, {.vcpu_ipa = reinterpret_cast<std::uintptr_t>(&vcpu_),
                                                              .dtb_ipa = entry_.dtb_ipa,
                                                              .dtb_bytes = entry_.dtb_size,
                                                              .ramfs_ipa = entry_.ramfs_ipa,
                                                              .ramfs_bytes = entry_.ramfs_size});
  if (!restored)
    return refuse(restored.error(),
                  text("avz does not take the registers of the ME: %.*s", AGENCY_SV(abi::name(restored.error()))));
  return stays_dormant() ? rest() : std::expected<void, Refusal>{};
}

// It is not asked who it is before it wakes, and all of its sequence is owed to it until then.
std::expected<void, Refusal> Arrival::rest() {
  auto done = hypercall::domain_identity(me_->slot, entry_.spid, entry_.spadcaps, entry_.cooperates != 0);
  if (done) done = hypercall::domain_set_state(me_->slot, abi::State::migrating, abi::State::dormant);
  where_.residents.look(me_);
  if (!done) return refuse(done.error(), text("it cannot rest here: %.*s", AGENCY_SV(abi::name(done.error()))));
  return {};
}

// `self` keeps it for as long as the sequence takes.
Task<Done> Arrival::activating(std::shared_ptr<Arrival> self) {
  co_await where_.loop.until(where_.loop.now());  // the message is done with first
  std::expected<std::uint32_t, Refusal> result{me_->slot};
  if (const auto restored = restore(); !restored) {
    result = std::unexpected{restored.error()};
  } else {
    const auto& sequence = offer_.kind == Kind::restore ? abi::sequence::restore : abi::sequence::arrival;
    const auto alive = co_await where_.life.run(me_, sequence.steps);
    if (!alive) result = std::unexpected{alive.error()};
    else if (me_->gone) result = refuse(Status::bad_state, "the ME " + me_->end);
  }
  incoming_.activated(result, where_.loop.now());
  if (!me_->gone) where_.residents.let_go(me_);
  self->changed_();
  co_return Done{};
}

void Arrival::drop(const std::string& why) {
  if (me_) where_.residents.reap(me_, "did not arrive: " + why);
}

}  // namespace agency::transfer
