// me: see help/me.txt. The launcher in the root sets up and builds, then runs this.
#include <fmt/format.h>

#include <cstdio>
#include <exception>

#include "engine/host/paths.hpp"
#include "tools/me/interrupt.hpp"
#include "tools/me/verb.hpp"

namespace me {
namespace {

// What the standard library throws: no working directory any more, no memory, no more threads.
Result<> carry_out(const Action& action, Context& context) {
  Result<> done;
  try {
    done = action(context);
  } catch (const std::exception& error) {
    done = engine::fail(Errc::failed, error.what());
  }
  if (done && std::ferror(stdout) != 0)
    return engine::fail(Errc::no_room, "what there was to say could not be written to standard output",
                        "is its disk full?");
  return done;
}

int run(int argc, char** argv) {
  hold_interrupts();
  Context context;
  context.layout = find_layout();
  Action chosen;
  CLI::App app("me", "me");
  define_command_line(app, context, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    const auto verbs = app.get_subcommands();
    fmt::print("{}", help_page(verbs.empty() ? "me" : verbs.front()->get_name()));
    return std::fflush(stdout) == 0 ? 0 : static_cast<int>(Errc::no_room);
  } catch (const CLI::ParseError& error) {
    if (argc < 2) {
      fmt::print(stderr, "{}", help_page("me"));
    } else {
      const auto verbs = app.get_subcommands();
      print_error(
          {Errc::usage, error.what(), verbs.empty() ? "me --help" : "me " + verbs.front()->get_name() + " --help"});
    }
    return static_cast<int>(Errc::usage);
  }
  // The supervisor has its own way to end.
  if (!app.got_subcommand("supervise")) watch_interrupts();
  auto done = engine::check_name(context.on);
  if (done) done = carry_out(chosen, context);
  if (done) return 0;
  if (!done.error().message.empty()) print_error(done.error());
  return static_cast<int>(done.error().code);
}

}  // namespace
}  // namespace me

// What gets here is that not even an error could be printed.
int main(int argc, char** argv) try { return me::run(argc, argv); } catch (...) {
  return static_cast<int>(me::Errc::failed);
}
