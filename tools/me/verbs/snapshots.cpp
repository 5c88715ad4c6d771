// snapshot, restore: MEs into files and back.
#include <fmt/format.h>

#include "tools/me/verbs/ask.hpp"

namespace me {
namespace {

// For the supervisor, which has another working directory.
std::string absolute(const std::string& file) { return std::filesystem::absolute(file).string(); }

}  // namespace

void add_snapshot(CLI::App& app, Action& chosen) {
  struct Arguments {
    std::uint32_t slot = 0;
    std::string file;
  };
  auto* verb = app.add_subcommand("snapshot");
  auto arguments = std::make_shared<Arguments>();
  verb->add_option("SLOT", arguments->slot)->required()->check(decimal());
  verb->add_option("FILE", arguments->file)->required()->check(not_empty());
  verb->callback([arguments, &chosen] {
    chosen = [arguments](Context& context) {
      return say(
          context,
          ask(context.on, {{"verb", "snapshot"}, {"slot", arguments->slot}, {"file", absolute(arguments->file)}}),
          [](const json& v) {
            return fmt::format("{} of slot {} is in {}, {} bytes", printable(v.value("name", "")), v.value("slot", 0U),
                               printable(v.value("file", "")), v.value("bytes", std::uint64_t{0}));
          });
    };
  });
}

void add_restore(CLI::App& app, Action& chosen) {
  auto* verb = app.add_subcommand("restore");
  auto file = std::make_shared<std::string>();
  verb->add_option("FILE", *file)->required()->check(not_empty());
  verb->callback([file, &chosen] {
    chosen = [file](Context& context) {
      return say(context, ask(context.on, {{"verb", "restore"}, {"file", absolute(*file)}}), [](const json& v) {
        return fmt::format("the ME of {} lives in slot {}", printable(v.value("file", "")), v.value("slot", 0U));
      });
    };
  });
}

}  // namespace me
