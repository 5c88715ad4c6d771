#include <fmt/format.h>

#include "tools/me/verb.hpp"
#include "tools/me/verbs/build_folder.hpp"
#include "tools/me/verbs/tool.hpp"

namespace me {
namespace {

using engine::fail;

// The launcher has set up, and built already; this is for who calls the program itself.
Result<> build(Context& context) {
  for (const auto* preset : {"target", "host-release"}) {
    const auto folder = context.layout.build(preset);
    std::error_code error;
    if (!std::filesystem::exists(folder / "build.ninja", error))
      return fail(Errc::environment, fmt::format("{} is not set up", folder.string()),
                  "run ./me build in the root of the repository");
    auto status = run_tool({"ninja", "-C", folder.string()}, [](std::string_view line) { remark(line); });
    if (!status) return std::unexpected(status.error());
    if (*status != 0) return fail(Errc::failed, fmt::format("{} could not be built (errors above)", preset));
  }
  if (context.json)
    print_json({{"built", context.layout.target.string()}, {"refso3", context.layout.refso3().string()}});
  return {};
}

Result<> build_for_author(Context& context, const std::filesystem::path& folder) {
  const auto capsules = build_folder(context.layout, folder);
  if (!capsules) return std::unexpected(capsules.error());
  auto files = json::array();
  for (const auto& capsule : *capsules) {
    std::error_code error;
    files.push_back({{"file", capsule.string()}, {"bytes", std::filesystem::file_size(capsule, error)}});
    if (!context.json) print_line(capsule.string());
  }
  if (context.json) print_json({{"folder", std::filesystem::absolute(folder).string()}, {"capsules", files}});
  return {};
}

}  // namespace

void add_build(CLI::App& app, Action& chosen) {
  auto* verb = app.add_subcommand("build");
  auto folder = std::make_shared<std::filesystem::path>();
  auto* option = verb->add_option("FOLDER", *folder)->check(not_empty());
  verb->callback([folder, option, &chosen] {
    if (option->count() == 0) chosen = build;
    else chosen = [folder](Context& context) { return build_for_author(context, *folder); };
  });
}

}  // namespace me
