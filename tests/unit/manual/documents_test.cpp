// What documents name is there.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>

namespace {

namespace fs = std::filesystem;

std::string content(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::set<fs::path> files_below(const fs::path& folder, const std::set<std::string>& extensions) {
  std::set<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && extensions.contains(entry.path().extension())) files.insert(entry.path());
  return files;
}

std::set<fs::path> documents() {
  const fs::path root = ROOT;
  std::set<fs::path> all{root / "README.md", root / "CHANGELOG.md"};
  for (const auto* folder : {"docs", "frontends", "templates"}) all.merge(files_below(root / folder, {".md"}));
  return all;
}

std::set<std::string> found(const std::string& text, const char* pattern) {
  std::set<std::string> all;
  const std::regex expression(pattern);
  for (std::sregex_iterator m(text.begin(), text.end(), expression), end; m != end; ++m) all.insert((*m)[1].str());
  return all;
}

TEST(Documents, LinksLeadSomewhere) {
  for (const auto& file : documents())
    for (const auto& link : found(content(file), R"(\]\(([^)#]+)\))"))
      EXPECT_TRUE(link.starts_with("http") || fs::exists(file.parent_path() / link)) << file << ": " << link;
}

// A promise is kept by a test of that name.
TEST(Documents, TestsThatTheyNameExist) {
  std::set<std::string> tests, suites{"Model"};  // CTest's own: tests/model
  const std::regex definition(R"(\nTEST(?:_F|_P)?\((\w+),\s*(\w+)\))");
  for (const auto& file : files_below(fs::path(ROOT) / "tests", {".cpp", ".hpp"})) {
    const auto text = content(file);
    for (std::sregex_iterator m(text.begin(), text.end(), definition), end; m != end; ++m) {
      suites.insert((*m)[1]);
      tests.insert((*m)[1].str() + "." + (*m)[2].str());
    }
  }
  for (const auto* page : {"docs/threat-model.md", "docs/specification.md"}) {
    const auto text = content(fs::path(ROOT) / page);
    for (const auto& name : found(text, R"(`([A-Z]\w+\.[A-Z]\w+)`)"))
      EXPECT_TRUE(tests.contains(name)) << page << ": " << name;
    for (const auto& name : found(text, R"(`([A-Z]\w+)\.\*`)"))
      EXPECT_TRUE(suites.contains(name)) << page << ": " << name;
  }
}

}  // namespace
