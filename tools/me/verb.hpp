// How main and the verbs meet.
#pragma once
#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "engine/error.hpp"
#include "tools/me/arguments.hpp"
#include "tools/me/layout.hpp"
#include "tools/me/output.hpp"

namespace me {

// The options that every verb takes, and where things are.
struct Context {
  std::string on = "so1";
  bool on_given = false;  // as --on
  bool json = false;
  bool yes = false;  // for the launcher; here nothing is asked
  std::filesystem::path log_dir;
  Layout layout;

  std::filesystem::path log_base() const;
};

using Action = std::function<Result<>(Context&)>;

// Defines a verb; when it is on the command line, `chosen` becomes what it does.
using AddVerb = void(CLI::App& app, Action& chosen);

AddVerb add_bench, add_build, add_console, add_demo, add_doctor, add_down, add_inject, add_inspect, add_kill, add_link,
    add_links, add_logs, add_migrate, add_propagate, add_ps, add_restore, add_snapshot, add_soak, add_stop,
    add_supervise, add_test, add_trace, add_unlink, add_up, add_vbstore;

// All verbs, and the options that each of them takes.
void define_command_line(CLI::App& app, Context& context, Action& chosen);

// The smart object that a verb is for: its NAME, or --on, or so1.
[[nodiscard]] Result<std::string> chosen_name(const Context& context, const std::optional<std::string>& name);

// The manual page of a verb (tools/me/help), or of all of them for "me".
[[nodiscard]] std::string_view help_page(std::string_view verb);

}  // namespace me
