// Every verb has its page, in the folder that the launcher reads and in the program, and it says what the verb takes.
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "tests/unit/me_command/command.hpp"
#include "tools/me/verb.hpp"

namespace me {
namespace {

std::set<std::string> pages() {
  std::set<std::string> names;
  for (const auto& file : fs::directory_iterator(HELP_FOLDER)) names.insert(file.path().stem());
  return names;
}

// Those of the command line that are for users.
std::map<std::string, const CLI::App*> verbs_of(const CLI::App& app) {
  std::map<std::string, const CLI::App*> found;
  for (const auto* verb : app.get_subcommands([](const CLI::App*) { return true; }))
    if (!verb->get_group().empty()) found[verb->get_name()] = verb;
  return found;
}

std::set<std::string> long_options(const std::string& text) {
  static const std::regex option("(?:^|[^-\\w])(--[a-z][a-z-]*)");
  std::set<std::string> found;
  for (std::sregex_iterator at(text.begin(), text.end(), option), end; at != end; ++at) found.insert((*at)[1]);
  return found;
}

// Of the lines that say how the verb is used, and of the list of options; others may name what other verbs take.
std::set<std::string> offered(const std::string& page) {
  std::set<std::string> found;
  std::istringstream text(page);
  for (std::string line; std::getline(text, line);)
    if (line.starts_with("usage: me ") || line.starts_with("       ") || line.starts_with("  -"))
      found.merge(long_options(line));
  return found;
}

class HelpTest : public CommandTest {
 protected:
  HelpTest() { define_command_line(app_, context_, chosen_); }

  CLI::App app_;
  Context context_;
  Action chosen_;
};

TEST_F(HelpTest, EveryVerbHasAPageAndEveryPageAVerb) {
  auto names = pages();
  EXPECT_EQ(names.erase("me"), 1U);
  std::set<std::string> taken;
  for (const auto& [name, verb] : verbs_of(app_)) taken.insert(name);
  EXPECT_EQ(names, taken);
  // "unlink A B" stands beside link.
  for (const auto& name : names)
    EXPECT_TRUE(std::regex_search(std::string(help_page("me")), std::regex("(\n  |; )" + name + "\\b"))) << name;
}

TEST_F(HelpTest, ThePageIsTheOneTheLauncherShows) {
  EXPECT_EQ(me({"--help"}).out, content(fs::path(HELP_FOLDER) / "me.txt"));
  for (const auto& [name, verb] : verbs_of(app_)) {
    const auto page = content(fs::path(HELP_FOLDER) / (name + ".txt"));
    const auto outcome = me({name, "--help"});
    EXPECT_EQ(outcome.code, 0) << name;
    EXPECT_EQ(outcome.out, page) << name;
    EXPECT_FALSE(page.empty()) << name;
  }
}

TEST_F(HelpTest, APageHasTheOptionsThatTheVerbTakesAndNoOther) {
  const auto general = offered(std::string(help_page("me"))), of_up = offered(std::string(help_page("up")));
  for (const auto& [name, verb] : verbs_of(app_)) {
    const std::string page(help_page(name));
    const auto told = offered(page);
    const bool as_up = page.find("options of 'me up'") != page.npos;
    std::set<std::string> taken;
    for (const auto* option : verb->get_options()) {
      for (const auto& word : option->get_lnames()) taken.insert("--" + word);
      const bool told_by_name = page.find(option->get_name()) != page.npos;
      EXPECT_TRUE(told_by_name || !option->get_positional()) << name << " " << option->get_name();
    }
    taken.erase("--help");
    for (const auto& word : taken)
      EXPECT_TRUE(told.contains(word) || (as_up && of_up.contains(word)))
          << "me " << name << " takes " << word << ", and its page does not say so";
    for (const auto& word : told)
      EXPECT_TRUE(taken.contains(word) || general.contains(word))
          << "the page of " << name << " offers " << word << ", which it does not take";
  }
}

// What can be given on the command line stands on the verb's page or on that of all; the demo's machines are those of `up`.
TEST(Help, EveryOptionIsOnAPage) {
  CLI::App app;
  Context context;
  Action chosen;
  define_command_line(app, context, chosen);
  const auto manual = content(fs::path(ROOT) / "docs/me-command.md");
  const std::string all(help_page("me"));
  for (const auto* option : app.get_options()) EXPECT_NE(all.find(option->get_name()), all.npos) << option->get_name();
  for (const auto* verb : app.get_subcommands([](const CLI::App* v) { return !v->get_group().empty(); })) {
    const auto name = verb->get_name();
    auto page = std::string(help_page(name));
    EXPECT_TRUE(page.starts_with("usage: me " + name)) << name;
    EXPECT_NE(all.find(name), all.npos) << name;
    EXPECT_NE(manual.find('`' + name), manual.npos) << name << " is not in docs/me-command.md";
    if (name == "demo") page += help_page("up");
    for (const auto* option : verb->get_options())
      EXPECT_NE((page + all).find(option->get_name()), std::string::npos) << name << ' ' << option->get_name();
  }
}

}  // namespace
}  // namespace me
