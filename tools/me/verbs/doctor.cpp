#include <fmt/format.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "engine/host/paths.hpp"
#include "engine/host/process.hpp"
#include "engine/qemu.hpp"
#include "tools/me/supervisor/client.hpp"
#include "tools/me/supervisor/runtime_files.hpp"
#include "tools/me/verb.hpp"
#include "tools/me/verbs/tool.hpp"

namespace me {
namespace {

namespace fs = std::filesystem;

struct Check {
  std::string_view verdict;  // ok, warn, fail
  std::string what, remedy;
};

Check tool(const char* program, const char* package, const char* for_what, bool needed) {
  if (const auto path = engine::find_program(program); !path.empty())
    return {"ok", fmt::format("{}: {}", for_what, path), {}};
  return {needed ? "fail" : "warn", fmt::format("{}: {} is missing", for_what, program),
          fmt::format("apt-get install {}", package)};
}

Check qemu() {
  const auto found = engine::find_qemu("qemu-system-aarch64");
  if (!found) return {"fail", found.error().message, found.error().remedy};
  return {"ok", fmt::format("emulator: QEMU {}.{}, {}", found->version.major, found->version.minor, found->path), {}};
}

Check folder(const char* what, const fs::path& path) {
  auto existing = path;
  std::error_code error;
  while (!existing.empty() && existing != "/" && !fs::exists(existing, error)) existing = existing.parent_path();
  if (::access(existing.c_str(), W_OK) == 0) return {"ok", fmt::format("{}: {}", what, path.string()), {}};
  return {"fail", fmt::format("{}: {} cannot be written", what, existing.string()),
          "make it writable, or choose another one"};
}

Check disk(const char* what, const fs::path& path, std::uint64_t wanted_mb) {
  auto existing = path;
  std::error_code error;
  while (!existing.empty() && existing != "/" && !fs::exists(existing, error)) existing = existing.parent_path();
  struct statvfs status{};
  if (::statvfs(existing.c_str(), &status) != 0)
    return {"warn", fmt::format("{}: cannot tell the free space of {}", what, existing.string()), {}};
  const auto free_mb = status.f_bavail * status.f_frsize >> 20;
  if (free_mb >= wanted_mb) return {"ok", fmt::format("{}: {} MB free", what, with_commas(free_mb)), {}};
  return {"warn",
          fmt::format("{}: {} MB free at {}; {} MB are comfortable", what, free_mb, existing.string(), wanted_mb),
          "free some disk"};
}

Check built(const char* what, const fs::path& file) {
  std::error_code error;
  if (fs::exists(file, error)) return {"ok", fmt::format("{}: {}", what, file.string()), {}};
  return {"warn", fmt::format("{} is not built", what), "./me build"};
}

void smart_objects(std::vector<Check>& checks) {
  std::error_code error;
  for (fs::directory_iterator entry(engine::runtime_folder(), error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() != ".lock" && entry->path().extension() != ".json") continue;
    const auto name = entry->path().stem().string();
    if (entry->path().extension() == ".json" && fs::exists(entry->path().parent_path() / (name + ".lock"), error))
      continue;
    if (Client::connect(name)) {
      checks.push_back({"ok", fmt::format("smart object {} is up", name), {}});
    } else {
      checks.push_back({"warn",
                        fmt::format("smart object {} left files in {}", name, engine::runtime_folder().string()),
                        fmt::format("the next 'me up {}' cleans up", name)});
    }
  }
}

Result<> doctor(Context& context) {
  std::vector<Check> checks = {
      qemu(),
      tool("g++", "g++", "compiler for this computer", true),
      tool("aarch64-linux-gnu-g++", "g++-aarch64-linux-gnu", "compiler for the target", true),
      tool("cmake", "cmake", "build", true),
      tool("ninja", "ninja-build", "build", true),
      tool("dtc", "device-tree-compiler", "device trees", true),
      tool("mkimage", "u-boot-tools", "capsules", true),
      tool("ctest", "cmake", "tests", true),
      tool("lcov", "lcov", "coverage (me test --coverage)", false),
      tool(newest_clang().c_str(), "clang-19", "fuzzing (me test --fuzz)", false),
      built("avz", context.layout.avz()),
      built("agency", context.layout.agency()),
      built("refso3.itb", context.layout.refso3()),
      folder("runtime folder", engine::runtime_folder()),
      folder("log folder", context.log_base()),
      disk("disk of the tree", context.layout.root, 2048),
      disk("disk of the logs", context.log_base(), 64),
  };
  smart_objects(checks);

  bool all_well = true;
  json list = json::array();
  for (const auto& check : checks) {
    all_well = all_well && check.verdict != "fail";
    list.push_back({{"verdict", check.verdict}, {"what", check.what}, {"remedy", check.remedy}});
    if (context.json) continue;
    const auto colour = check.verdict == "ok" ? Colour::good : check.verdict == "warn" ? Colour::name : Colour::bad;
    print_line(fmt::format("{}  {}{}", paint(colour, fmt::format("{:<4}", check.verdict)), check.what,
                           check.remedy.empty() ? "" : "; " + check.remedy));
  }
  if (context.json) print_json(list);
  if (all_well) return {};
  return engine::fail(Errc::environment, "something that is needed is missing (lines with 'fail')");
}

}  // namespace

void add_doctor(CLI::App& app, Action& chosen) {
  app.add_subcommand("doctor")->callback([&chosen] { chosen = doctor; });
}

}  // namespace me
