// me trace: what smart objects do, on one time line.
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <ostream>
#include <set>
#include <streambuf>

#include "engine/host/new_file.hpp"
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
  std::string out = "trace.json";
  std::optional<std::string> svg;
  std::optional<double> seconds;
  bool no_calls = false;
};

// Those that are up, when none are named.
Result<std::vector<std::string>> chosen_names(const Context& context, const Arguments& arguments) {
  if (!arguments.names.empty()) {
    if (context.on_given)
      return fail(Errc::usage, "smart objects are named both as NAME and with --on", "me trace --help");
    const std::set<std::string> once(arguments.names.begin(), arguments.names.end());
    if (once.size() != arguments.names.size())
      return fail(Errc::usage, "a smart object is named twice", "me trace --help");
    return arguments.names;
  }
  if (context.on_given) return std::vector{context.on};
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(engine::runtime_folder(), error))
    if (entry.path().extension() == ".sock") names.push_back(entry.path().stem());
  std::ranges::sort(names);
  std::erase_if(names, [](const std::string& name) { return !Client::connect(name); });
  if (names.empty()) return fail(Errc::not_up, "no smart object is up", "start one: me up");
  return names;
}

Result<engine::NewFile> new_file(const std::string& path) { return engine::NewFile::create(path, 0666); }

// Whether the files can be written: nobody waits for a trace to find out at its end.
Result<> check_files(const Arguments& arguments) {
  if (auto out = new_file(arguments.out); !out) return std::unexpected(out.error());
  if (!arguments.svg) return {};
  if (auto svg = new_file(*arguments.svg); !svg) return std::unexpected(svg.error());
  std::error_code error;
  if (fs::weakly_canonical(arguments.out, error) == fs::weakly_canonical(*arguments.svg, error))
    return fail(Errc::usage, fmt::format("--out and --svg both name {}", *arguments.svg), "name two files");
  return {};
}

// Takes what is written to it as a stream to a file, until that fails.
class FileStream final : public std::streambuf {
 public:
  explicit FileStream(engine::NewFile& file) : file_{file} {}

  Result<> close() {
    sync();
    return done_;
  }

 private:
  int_type overflow(int_type c) override {
    sync();
    if (!traits_type::eq_int_type(c, traits_type::eof())) sputc(traits_type::to_char_type(c));
    return done_ ? traits_type::not_eof(c) : traits_type::eof();
  }
  int sync() override {
    if (done_) done_ = file_.write(pbase(), static_cast<std::size_t>(pptr() - pbase()));
    setp(buffer_.data(), buffer_.data() + buffer_.size());
    return done_ ? 0 : -1;
  }

  engine::NewFile& file_;
  std::array<char, 65536> buffer_;
  Result<> done_;
};

template <class Write>
Result<> write_file(const std::string& path, Write write) {
  auto file = new_file(path);
  if (!file) return std::unexpected(file.error());
  FileStream buffer(*file);
  std::ostream out(&buffer);
  write(out);
  if (auto done = buffer.close(); !done) return done;
  return file->finish();
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
    return fail(Errc::usage, "--seconds wants a number above 0, up to 3600", "me trace --help");
  auto names = chosen_names(context, arguments);
  if (!names) return std::unexpected(names.error());
  if (auto good = check_files(arguments); !good) return good;
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
  auto written = write_file(arguments.out, [&](std::ostream& out) { engine::trace::write_chrome(out, timeline); });
  if (written && arguments.svg)
    written =
        write_file(*arguments.svg, [&](std::ostream& out) { out << to_svg(engine::trace::sequence_of(timeline)); });
  if (!written) return written;
  const auto about = summary(timeline, recordings);
  if (context.json) return print_json({{"file", arguments.out}, {"smart_objects", about}}), ended;
  for (const auto& so : about)
    print_line(fmt::format("{:<15}  {:>9} records, {} lost, clock within {} us", so["name"].get<std::string>(),
                           with_commas(so["records"].get<std::uint64_t>()),
                           with_commas(so["lost"].get<std::uint64_t>()),
                           (so["clock_error_ns"].get<std::int64_t>() + 999) / 1000));
  print_line(fmt::format("{}: open it in https://ui.perfetto.dev", printable(arguments.out)));
  if (arguments.svg) print_line(fmt::format("{}: the sequence diagram", printable(*arguments.svg)));
  return ended;
}

}  // namespace

void add_trace(CLI::App& app, Action& chosen) {
  auto* verb = app.add_subcommand("trace");
  auto arguments = std::make_shared<Arguments>();
  verb->add_option("NAME", arguments->names)->check(not_empty());
  verb->add_option("--out", arguments->out)->check(not_empty());
  verb->add_option("--svg", arguments->svg)->check(not_empty());
  verb->add_option("--seconds", arguments->seconds);
  verb->add_flag("--no-calls", arguments->no_calls);
  verb->callback(
      [arguments, &chosen] { chosen = [arguments](Context& context) { return trace(context, *arguments); }; });
}

}  // namespace me
