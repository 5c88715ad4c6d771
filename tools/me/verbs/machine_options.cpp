#include "tools/me/verbs/machine_options.hpp"

namespace me {

void add_machine_options(CLI::App& verb, engine::Options& options) {
  verb.add_option("--cpus", options.cpus);
  verb.add_option("--memory", options.memory_mb);
  verb.add_option("--window", options.window_mb);
  verb.add_option("--gic", options.gic);
  verb.add_option("--qemu", options.qemu);
  verb.add_option("--avz", options.avz);
  verb.add_option("--agency", options.agency);
  verb.add_option("--bootargs", options.bootargs);
  verb.add_flag("--syslog", options.syslog);
  verb.add_option("--syslog-socket", options.syslog_socket);
}

void complete(engine::Options& options, const Context& context) {
  const auto absolute = [](const std::filesystem::path& path) { return std::filesystem::absolute(path); };
  options.avz = absolute(options.avz.empty() ? context.layout.avz() : options.avz);
  options.agency = absolute(options.agency.empty() ? context.layout.agency() : options.agency);
  options.log_base = context.log_base();
}

}  // namespace me
