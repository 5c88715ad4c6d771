#include "tools/me/verbs/machine_options.hpp"

#include <fmt/format.h>

#include <concepts>

#include "engine/devcaps.hpp"

namespace me {
namespace {

// Calls `option` with the name and the value of each.
void each(auto& options, auto option) {
  option("--cpus", options.cpus);
  option("--memory", options.memory_mb);
  option("--window", options.window_mb);
  option("--gic", options.gic);
  option("--qemu", options.qemu);
  option("--avz", options.avz);
  option("--agency", options.agency);
  option("--bootargs", options.bootargs);
  option("--devcaps", options.devcaps);
  option("--syslog", options.syslog);
  option("--syslog-socket", options.syslog_socket);
}

void add_devcaps(CLI::App& verb, const char* name, std::vector<std::uint32_t>& entries) {
  verb.add_option_function<std::string>(name, [name, &entries](const std::string& text) {
    auto parsed = engine::parse_devcaps(text);
    if (!parsed) throw CLI::ValidationError(name, parsed.error().message + "; " + parsed.error().remedy);
    entries = std::move(*parsed);
  });
}

}  // namespace

void add_machine_options(CLI::App& verb, engine::Options& options) {
  each(options, [&verb]<class T>(const char* name, T& value) {
    if constexpr (std::same_as<T, bool>) verb.add_flag(name, value);
    else if constexpr (std::same_as<T, std::vector<std::uint32_t>>) add_devcaps(verb, name, value);
    else if constexpr (std::unsigned_integral<T>) verb.add_option(name, value)->check(decimal());
    else verb.add_option(name, value)->check(not_empty());
  });
}

std::vector<std::string> machine_arguments(const engine::Options& options) {
  std::vector<std::string> arguments;
  each(options, [&arguments]<class T>(const char* name, const T& value) {
    std::string text;
    if constexpr (std::same_as<T, bool>) text = value ? "true" : "";
    else if constexpr (std::same_as<T, std::vector<std::uint32_t>>) text = engine::devcaps_text(value);
    else if constexpr (std::same_as<T, std::filesystem::path>) text = value.string();
    else text = fmt::format("{}", value);
    if (!text.empty()) arguments.push_back(fmt::format("{}={}", name, text));
  });
  return arguments;
}

void complete(engine::Options& options, const Context& context) {
  const auto absolute = [](const std::filesystem::path& path) { return std::filesystem::absolute(path); };
  // A name without a folder is looked up in PATH.
  if (options.qemu.contains('/')) options.qemu = absolute(options.qemu).string();
  options.syslog_socket = absolute(options.syslog_socket);
  options.avz = absolute(options.avz.empty() ? context.layout.avz() : options.avz);
  options.agency = absolute(options.agency.empty() ? context.layout.agency() : options.agency);
  options.log_base = context.log_base();
}

}  // namespace me
