#include "tools/me/demo/film.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>

#include "engine/diagram/text_diagram.hpp"
#include "engine/trace/chrome.hpp"
#include "engine/trace/sequence.hpp"
#include "engine/trace/timeline.hpp"

namespace me::demo {
namespace {

using engine::fail;

Result<> refused(const std::filesystem::path& file) {
  return fail(Errc::no_room, fmt::format("cannot write {}", file.string()), "name another folder: --out FOLDER");
}

}  // namespace

Result<> Film::prepare() const {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  return ::access(folder_.c_str(), W_OK | X_OK) == 0 ? Result<>{} : refused(folder_);
}

Result<> Film::begin(engine::SmartObject& so) { return so.begin_trace(); }

Result<> Film::end(engine::SmartObject& so) {
  auto recording = so.end_trace();
  if (!recording) return std::unexpected(recording.error());
  recordings_.push_back(std::move(*recording));
  return {};
}

Result<> Film::write(const std::vector<Scene>& scenes, std::size_t one) {
  const auto timeline = engine::trace::merge(recordings_);
  std::vector<engine::trace::Heading> headings;
  for (const auto& s : scenes) headings.push_back({s.since.count() - timeline.origin, s.title});
  auto part = engine::trace::sequence_of(timeline, {}, {headings[one].since, headings[one + 1].since});
  part.title = scenes[one].title;
  std::ofstream whole(diagram(), std::ios::trunc), chrome(trace(), std::ios::trunc), some(scene(), std::ios::trunc);
  whole << to_svg(engine::trace::sequence_of(timeline, headings));
  some << to_svg(part);
  engine::trace::write_chrome(chrome, timeline);
  if (!whole.flush()) return refused(diagram());
  if (!some.flush()) return refused(scene());
  if (!chrome.flush()) return refused(trace());
  text_ = to_text(part);
  return {};
}

}  // namespace me::demo
