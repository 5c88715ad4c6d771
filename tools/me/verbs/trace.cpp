// me trace: what smart objects do, on one time line.
#include <fmt/format.h>
#include <poll.h>

#include <chrono>
#include <condition_variable>
#include <fstream>
#include <iostream>
#include <mutex>
#include <set>

#include "engine/host/paths.hpp"
#include "engine/trace/chrome.hpp"
#include "engine/trace/sequence.hpp"
#include "tools/me/interrupt.hpp"
#include "tools/me/supervisor/client.hpp"
#include "tools/me/supervisor/recording_lines.hpp"
#include "tools/me/supervisor/runtime_files.hpp"
#include "tools/me/verb.hpp"

namespace me {
namespace {

using engine::fail;
using engine::trace::Recording;
namespace fs = std::filesystem;

struct Arguments {
  std::vector<std::string> names;
  fs::path out = "trace.json", svg;
  std::optional<double> seconds;
  bool no_calls = false;
};

// Those that are up, when none are named.
Result<std::vector<std::string>> chosen_names(const Arguments& arguments) {
  if (!arguments.names.empty()) {
    const std::set<std::string> once(arguments.names.begin(), arguments.names.end());
    if (once.size() != arguments.names.size())
      return fail(Errc::usage, "a smart object is named twice", "me trace --help");
    return arguments.names;
  }
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(engine::runtime_folder(), error))
    if (entry.path().extension() == ".sock") names.push_back(entry.path().stem());
  std::ranges::sort(names);
  std::erase_if(names, [](const std::string& name) { return !Client::connect(name); });
  if (names.empty()) return fail(Errc::not_up, "no smart object is up", "start one: me up");
  return names;
}

// One file that can be written: nobody waits for a trace to find out at its end.
Result<std::ofstream> open_file(const fs::path& path) {
  std::ofstream out(path, std::ios::trunc);
  if (!out) return fail(Errc::no_room, fmt::format("cannot write {}", path.string()), "name another file: --out FILE");
  return out;
}

Result<Client> begin(const std::string& name, engine::trace::Flags what) {
  auto client = Client::connect(name);
  if (!client) return client;
  auto begun = client->call({{"verb", "trace"}, {"what", static_cast<std::uint32_t>(what)}});
  if (!begun) return std::unexpected(begun.error());
  return client;
}

// Until the time is over or Ctrl-C.
void wait(const Arguments& arguments) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  const auto stop = interrupt_token();
  const auto never = [] { return false; };
  if (!arguments.seconds) changed.wait(lock, stop, never);
  else changed.wait_for(lock, stop, std::chrono::duration<double>(*arguments.seconds), never);
}

// After "end" has been asked.
Result<Recording> receive(Client& client) {
  auto head = client.answer();
  if (!head) return std::unexpected(head.error());
  if (auto recording = receive_recording(*head, [&] { return client.next(); })) return std::move(*recording);
  return fail(Errc::failed, "what the supervisor recorded cannot be read",
              "is the smart object of another version? me down, me up");
}

json summary(const engine::trace::Timeline& timeline, const std::vector<Recording>& recordings) {
  json all = json::array();
  for (std::size_t i = 0; i < recordings.size(); i++)
    all.push_back({{"name", recordings[i].name},
                   {"records", recordings[i].records.size()},
                   {"lost", timeline.processes[i].lost},
                   {"clock_error_ns", timeline.processes[i].error}});
  return all;
}

Result<> trace(Context& context, const Arguments& arguments) {
  if (arguments.seconds && !(*arguments.seconds > 0 && *arguments.seconds <= 3600))
    return fail(Errc::usage, "--seconds wants a number up to 3600", "me trace --help");
  auto names = chosen_names(arguments);
  if (!names) return std::unexpected(names.error());
  auto out = open_file(arguments.out);
  if (!out) return std::unexpected(out.error());
  Result<std::ofstream> svg;
  if (!arguments.svg.empty()) svg = open_file(arguments.svg);
  if (!svg) return std::unexpected(svg.error());
  using engine::trace::Flags;
  const auto without_calls =
      static_cast<Flags>(static_cast<std::uint64_t>(Flags::all) & ~static_cast<std::uint64_t>(Flags::calls));
  std::vector<Client> clients;
  for (const auto& name : *names) {
    auto client = begin(name, arguments.no_calls ? without_calls : Flags::all);
    if (!client) return std::unexpected(client.error());
    clients.push_back(std::move(*client));
  }
  if (!context.json && !arguments.seconds) remark("me: recording; Ctrl-C ends it");
  wait(arguments);
  // All at once: what one has recorded takes its time.
  for (auto& client : clients) client.ask({{"verb", "end"}});
  // One that has died takes its records along; those of the others say how that came.
  std::vector<Recording> recordings;
  Result<> ended;
  for (auto& client : clients) {
    auto recording = receive(client);
    if (recording) recordings.push_back(std::move(*recording));
    else if (ended) ended = std::unexpected(recording.error());
  }
  if (recordings.empty()) return ended;
  const auto timeline = engine::trace::merge(recordings);
  engine::trace::write_chrome(*out, timeline);
  if (!arguments.svg.empty()) *svg << to_svg(engine::trace::sequence_of(timeline));
  if (!out->flush() || (!arguments.svg.empty() && !svg->flush()))
    return fail(Errc::no_room, "the trace could not be written", "is the disk full?");
  const auto about = summary(timeline, recordings);
  if (context.json) return print_json({{"file", arguments.out.string()}, {"smart_objects", about}}), ended;
  for (const auto& so : about)
    print_line(fmt::format("{:<15}  {:>9} records, {} lost, clock within {} us", so["name"].get<std::string>(),
                           with_commas(so["records"].get<std::uint64_t>()),
                           with_commas(so["lost"].get<std::uint64_t>()),
                           (so["clock_error_ns"].get<std::int64_t>() + 999) / 1000));
  print_line(fmt::format("{}: open it in https://ui.perfetto.dev", arguments.out.string()));
  if (!arguments.svg.empty()) print_line(fmt::format("{}: the sequence diagram", arguments.svg.string()));
  return ended;
}

}  // namespace

void add_trace(CLI::App& app, Action& chosen) {
  auto* verb = app.add_subcommand("trace");
  auto arguments = std::make_shared<Arguments>();
  verb->add_option("NAME", arguments->names);
  verb->add_option("--out", arguments->out);
  verb->add_option("--svg", arguments->svg);
  verb->add_option("--seconds", arguments->seconds);
  verb->add_flag("--no-calls", arguments->no_calls);
  verb->callback(
      [arguments, &chosen] { chosen = [arguments](Context& context) { return trace(context, *arguments); }; });
}

}  // namespace me
