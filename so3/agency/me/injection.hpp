// From an .itb to a living ME: its image loaded, then the injection sequence (M60).
#pragma once
#include <cstdint>
#include <expected>
#include <memory>

#include "so3/agency/loop/job.hpp"
#include "so3/agency/loop/task.hpp"
#include "so3/agency/me/capsule_file.hpp"
#include "so3/agency/me/life.hpp"

namespace agency {

class Injector {
 public:
  Injector(const World& world, Residents& residents, Life& life, const FileCheck& check, Job::Runner aside,
           std::uint32_t cpus)
      : world_{world}, residents_{&residents}, life_{&life}, check_{check}, aside_{aside}, cpus_{cpus} {}

  using Result = std::expected<std::uint32_t, Refusal>;  // the slot

  // `file` is read until it is checked, aside from the loop, once. Done when the ME lives, or chose to rest (dormant); on a refusal nothing of
  // it remains.
  Task<Result> inject(std::span<const std::byte> file);

 private:
  using Step = std::expected<Done, Refusal>;
  Task<Step> load_and_start(std::shared_ptr<Me> me, const image::Itb& itb);
  Task<Step> until_preparing(std::shared_ptr<Me> me);

  World world_;
  Residents* residents_;
  Life* life_;
  FileCheck check_;
  Job::Runner aside_;
  std::uint32_t cpus_;
};

}  // namespace agency
