#include <fmt/format.h>

#include <algorithm>

#include "engine/host/paths.hpp"
#include "tools/me/verb.hpp"

namespace me {

namespace {

// They name all smart objects that they are for, or start their own, or need none.
constexpr std::string_view without_on[] = {"bench", "build", "demo", "doctor", "inspect",
                                           "link",  "soak",  "test", "unlink"};

}  // namespace

std::filesystem::path Context::log_base() const {
  return log_dir.empty() ? engine::default_log_folder() : std::filesystem::absolute(log_dir);
}

Result<std::string> chosen_name(const Context& context, const std::optional<std::string>& name) {
  if (name && context.on_given)
    return engine::fail(Errc::usage, "the smart object is named twice: as NAME and with --on", "leave one out");
  return name.value_or(context.on);
}

void define_command_line(CLI::App& app, Context& context, Action& chosen) {
  app.require_subcommand(1);
  app.fallthrough();
  auto* on = app.add_option("--on", context.on)->check(not_empty());
  app.add_option("--log-dir", context.log_dir)->check(not_empty());
  app.add_flag("--json", context.json);
  app.add_flag("-y,--yes", context.yes);
  for (auto* add : {add_bench,   add_build,    add_console, add_demo,   add_doctor, add_down,      add_inject,
                    add_inspect, add_kill,     add_link,    add_links,  add_logs,   add_migrate,   add_propagate,
                    add_restore, add_snapshot, add_ps,      add_soak,   add_stop,   add_supervise, add_test,
                    add_trace,   add_unlink,   add_up,      add_vbstore})
    add(app, chosen);
  app.final_callback([&app, on, &context] {
    context.on_given = on->count() > 0;
    const auto verb = app.get_subcommands().front()->get_name();
    if (context.on_given && std::ranges::count(without_on, verb) != 0)
      throw CLI::ValidationError("--on", fmt::format("me {} does not take it", verb));
  });
}

}  // namespace me
