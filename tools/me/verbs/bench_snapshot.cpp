#include "tools/me/verbs/bench_snapshot.hpp"

#include "engine/smart_object.hpp"
#include "tools/me/capsule_file.hpp"
#include "tools/me/interrupt.hpp"
#include "tools/me/temporary_folder.hpp"

namespace me {
namespace {

namespace fs = std::filesystem;

Result<std::uint64_t> measure(const Layout& layout, const fs::path& folder) {
  auto refso3 = load_capsule(layout.refso3());
  if (!refso3) return std::unexpected(refso3.error());
  engine::Options options;
  options.avz = layout.avz();
  options.agency = layout.agency();
  options.log_base = folder / "log";
  options.interrupt = interrupt_token();
  auto so = engine::SmartObject::start(options);
  if (!so) return std::unexpected(so.error());
  const auto slot = (*so)->inject(*refso3);
  if (!slot) return std::unexpected(slot.error());
  const auto saved = (*so)->snapshot(*slot, folder / "refso3");
  if (!saved) return std::unexpected(saved.error());
  return saved->file_size;
}

}  // namespace

Result<std::uint64_t> snapshot_file_bytes(const Layout& layout) {
  const auto folder = TemporaryFolder::make();
  if (!folder) return std::unexpected(folder.error());
  return measure(layout, folder->path());
}

}  // namespace me
