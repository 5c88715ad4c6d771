#include "so3/agency/me/injection.hpp"

#include <algorithm>
#include <optional>

#include "so3/agency/me/placement.hpp"
#include "so3/agency/text.hpp"

namespace agency {
namespace {

using abi::State;
using abi::Status;
using Step = std::expected<Done, Refusal>;

constexpr std::uint64_t preparing_max = 10'000 * ms;
// avz copies with interrupts masked: no more than this at once.
constexpr std::size_t load_step = 256 * 1024;

// Copying and hashing take tens of instructions per byte: too long for the loop.
class Check final : public Job {
 public:
  Check(Doorbells& bells, Runner aside, std::span<const std::byte> from, const FileCheck& check)
      : Job{bells, aside}, from_{from}, check_{check} {}
  const std::expected<CapsuleFile, Refusal>& file() const { return *file_; }

 private:
  void work() override { file_.emplace(CapsuleFile::copy(from_, check_)); }
  std::span<const std::byte> from_;
  FileCheck check_;
  std::optional<std::expected<CapsuleFile, Refusal>> file_;
};

}  // namespace

Task<Injector::Result> Injector::inject(std::span<const std::byte> bytes) {
  std::shared_ptr<Me> me;
  {
    Check check{world_.bells, aside_, bytes, check_};
    co_await check;
    const auto& file = check.file();
    if (!file) co_return Result{std::unexpected{file.error()}};
    const auto& wanted = file->itb().me;
    auto created = place(
        *residents_, cpus_,
        {.ram_bytes = wanted.domain_size, .name = std::string{wanted.name}, .exclusive_cpu = wanted.exclusive_cpu});
    if (!created) co_return Result{std::unexpected{created.error()}};
    me = std::move(*created);
    me->driven = true;
    me->doing = abi::sequence::injection.name;
    if (const auto started = co_await load_and_start(me, file->itb()); !started) {
      residents_->reap(me, "could not be started");
      co_return Result{std::unexpected{started.error()}};
    }
  }
  if (const auto prepared = co_await until_preparing(me); !prepared) {
    residents_->reap(me, "was refused: " + prepared.error().text);
    co_return Result{std::unexpected{prepared.error()}};
  }
  if (const auto alive = co_await life_->run(me, abi::sequence::injection.steps); !alive)
    co_return Result{std::unexpected{alive.error()}};
  residents_->let_go(me);
  co_return Result{me->slot};
}

// Image first; device tree and ramfs at the end of RAM, on pages of their own.
Task<Step> Injector::load_and_start(std::shared_ptr<Me> me, const image::Itb& itb) {
  const auto end = abi::ram_ipa + itb.me.domain_size;
  const auto below = [](std::uint64_t top, std::size_t bytes) {
    return (top - bytes) & ~std::uint64_t{abi::page_size - 1};
  };
  const auto ramfs = itb.ramfs.empty() ? end : below(end, itb.ramfs.size());
  const auto dtb = below(ramfs, itb.fdt.size());
  struct Part {
    const char* name;
    std::uint64_t to;
    image::Bytes bytes;
  };
  for (const auto& part :
       {Part{"image", abi::ram_ipa, itb.kernel}, Part{"device tree", dtb, itb.fdt}, Part{"ramfs", ramfs, itb.ramfs}}) {
    for (std::size_t done = 0; done < part.bytes.size(); done += load_step) {
      if (done != 0) co_await world_.loop.until(world_.loop.now());  // others have their turn
      if (me->gone) co_return refuse(Status::bad_state, text("the ME %s while it was loaded", me->end.c_str()));
      const auto piece = part.bytes.subspan(done, std::min(load_step, part.bytes.size() - done));
      const auto from = reinterpret_cast<std::uintptr_t>(piece.data());
      if (const auto loaded = hypercall::domain_load(me->slot, part.to + done, from, piece.size()); !loaded)
        co_return refuse(loaded.error(), text("the %s of the ME cannot be loaded: %.*s", part.name,
                                              AGENCY_SV(abi::name(loaded.error()))));
    }
  }
  const auto started = hypercall::domain_start(me->slot, {.entry_ipa = abi::ram_ipa,
                                                          .dtb_ipa = dtb,
                                                          .dtb_bytes = itb.fdt.size(),
                                                          .ramfs_ipa = itb.ramfs.empty() ? 0 : ramfs,
                                                          .ramfs_bytes = itb.ramfs.size()});
  if (!started)
    co_return refuse(started.error(), text("the ME cannot be started: %.*s", AGENCY_SV(abi::name(started.error()))));
  co_return Done{};
}

Task<Step> Injector::until_preparing(std::shared_ptr<Me> me) {
  const auto deadline = world_.loop.now() + preparing_max;
  for (;;) {
    residents_->look(me);
    if (me->gone)
      co_return refuse(Status::bad_state,
                       text("the ME %s before it was preparing; the console says more", me->end.c_str()));
    if (me->state != State::booting) break;
    const bool changed = co_await world_.loop.change(me->slot, deadline);
    if (!changed && !me->gone)
      co_return refuse(Status::bad_state, "the ME was not preparing within 10 s; does callbacks_init return?");
  }
  co_return Done{};
}

}  // namespace agency
