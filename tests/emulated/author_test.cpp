// An author's way: a copy of the template, somewhere else, renamed, built with `me build`, injected.
#include "tests/emulated/smart_object_fixture.hpp"
#include "tests/unit/me_command/command.hpp"

namespace emulated {
namespace {

// In the words of templates/refso3/README.md: copied, renamed, a species of its own. The path has blanks.
fs::path make_hello(const fs::path& folder) {
  const auto hello = folder / "a folder" / "hello";
  fs::create_directories(hello.parent_path());
  fs::copy(TEMPLATE, hello, fs::copy_options::recursive);
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(hello))
    if (entry.is_regular_file()) files.push_back(entry.path());
  for (const auto& file : files) {
    auto text = me::content(file);
    for (std::size_t at; (at = text.find("refso3")) != text.npos;) text.replace(at, 6, "hello");
    for (std::size_t at; (at = text.find("0x0010000000000001")) != text.npos;)
      text.replace(at, 18, "0x0010000000000abc");
    auto name = file.filename().string();
    if (name.starts_with("refso3")) name.replace(0, 6, "hello");
    fs::remove(file);
    std::ofstream(hello / name) << text;
  }
  return hello;
}

class AuthorTest : public me::CommandTest {
 protected:
  void SetUp() override {
    CommandTest::SetUp();
    hello_ = make_hello(folder_);
  }

  // Replaces what is between `from` and the end of its line.
  void change(const char* file, const std::string& from, const std::string& to) {
    auto text = me::content(hello_ / file);
    const auto at = text.find(from);
    ASSERT_NE(at, text.npos) << from;
    text.replace(at, text.find('\n', at) - at, to);
    std::ofstream(hello_ / file) << text;
  }

  void expect_error(const char* place, const std::string& what) {
    const auto outcome = me({"build", hello_});
    EXPECT_EQ(outcome.code, 1);
    EXPECT_EQ(outcome.out, "");
    EXPECT_NE(outcome.err.find(fmt::format("{}/{}: error: {}", hello_.string(), place, what)), std::string::npos)
        << outcome.err;
  }

  fs::path hello_;
};

// M1: what a newcomer does first, and the ME it makes lives.
TEST_F(AuthorTest, ACopyOfTheTemplateBuildsAnywhereAndLives) {
  const auto built = me({"build", hello_});
  ASSERT_EQ(built.code, 0) << built.err;
  const auto file = hello_ / "build/hello.itb", with_files = hello_ / "build/hello-ramfs.itb";
  EXPECT_EQ(built.out, fmt::format("{}\n{}\n", file.string(), with_files.string()));
  const auto again = me::json::parse(me({"build", hello_, "--json"}).out);
  EXPECT_EQ(again["capsules"][0], (me::json{{"file", file.string()}, {"bytes", fs::file_size(file)}}));

  engine::Options options;
  options.avz = target_folder() / "so3/avz/avz.bin";
  options.agency = target_folder() / "so3/agency/agency.bin";
  options.log_base = folder_ / "log";
  auto so = SmartObject::start(options);
  ASSERT_TRUE(so) << so.error().message;
  for (const auto& capsule : {file, with_files}) {
    auto image = me::load_capsule(capsule);
    ASSERT_TRUE(image) << image.error().message;
    const auto slot = (*so)->inject(*image);
    ASSERT_TRUE(slot) << slot.error().message;
    EXPECT_EQ((*so)->store_read(fmt::format("soo/me/{}/name", *slot)).value_or(""), "SOO.hello");
  }
  EXPECT_TRUE((*so)->power_off());
}

// M4 to M7: what the device tree must say is checked where it was written.
TEST_F(AuthorTest, AMistakeInTheDeviceTreeIsShownInTheFileOfTheAuthor) {
  const auto good = me::content(hello_ / "hello.dts");
  const struct {
    const char *from, *to, *place, *what;
  } mistakes[] = {
      {"spid =", "spid = <1>;", "hello.dts:5", "spid must be one 64-bit value"},
      {"me_name =", "me_name = \"0123456789012345678901234567890123456789\";", "hello.dts:6",
       "me_name has 40 bytes; at most 39"},
      {"me_name =", "me_name = \"x\"; domain-size = <0>;", "hello.dts:6",
       "domain-size is 0x0; it must be a multiple of 4 KB, and not 0"},
      {"me_name =", "me_name = \"x\"; domain-size = <0x100800>;", "hello.dts:6",
       "domain-size is 0x100800; it must be a multiple of 4 KB"},
      {"me_name =", "me_name = ;", "hello.dts:6", "syntax error"},
      {"&vlogs", "&vlgs { };", "hello.dts:10", "Label or path vlgs not found"},
  };
  for (const auto& mistake : mistakes) {
    change("hello.dts", mistake.from, mistake.to);
    expect_error(mistake.place, mistake.what);
    std::ofstream(hello_ / "hello.dts") << good;
  }
  change("hello.dts", "me_shortdesc =", "me_shortdesc = \"" + std::string(1025, 'x') + "\";");
  expect_error("hello.dts:7", "me_shortdesc has 1025 bytes; at most 1024");
}

TEST_F(AuthorTest, AMistakeInCMakeListsIsShownThere) {
  const auto good = me::content(hello_ / "CMakeLists.txt");
  change("CMakeLists.txt", "SOURCES", "SOURCES none.cpp");
  expect_error("CMakeLists.txt:5", "hello: there is no file none.cpp");
  std::ofstream(hello_ / "CMakeLists.txt") << good;
  change("CMakeLists.txt", "LIBRARIES", "LIBRARIES frontend_none");
  expect_error("CMakeLists.txt:5", "hello: there is no frontend \"frontend_none\" in LIBRARIES");
}

TEST_F(AuthorTest, AMissingLibraryIsNamed) {
  change("CMakeLists.txt", "  LIBRARIES", "");
  const auto without = me({"build", hello_});
  EXPECT_EQ(without.code, 1);
  EXPECT_NE(without.err.find("fatal error: vlogs/vlogs.h"), std::string::npos) << without.err;
  EXPECT_NE(without.err.find("add frontend_vlogs to LIBRARIES in CMakeLists.txt"), std::string::npos) << without.err;
  std::ofstream(hello_ / "hello.cpp") << "#include <me/me.hpp>\nvoid* app_thread_main(void*) { return nullptr; }\n";
  expect_error("hello.dts:10", "vlogs is enabled, but its driver is not linked: add frontend_vlogs to LIBRARIES");
}

TEST_F(AuthorTest, ACompileErrorIsShownAsTheCompilerSaysIt) {
  std::ofstream(hello_ / "hello.cpp") << "#include <me/me.hpp>\nint mistake = \"text\";\n";
  const auto outcome = me({"build", hello_});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_NE(outcome.err.find(hello_.string() + "/hello.cpp:2:15: error: "), std::string::npos) << outcome.err;
}

TEST_F(AuthorTest, AFolderThatIsNoneOfAnMeIsRefused) {
  EXPECT_EQ(me({"build", folder_ / "none"}).code, 5);
  const auto empty = me({"build", folder_});
  EXPECT_EQ(empty.code, 4);
  EXPECT_NE(empty.err.find("no CMakeLists.txt"), std::string::npos) << empty.err;
  std::ofstream(hello_ / "CMakeLists.txt")
      << "cmake_minimum_required(VERSION 3.25)\nproject(hello)\nfind_package(MobileEntities REQUIRED)\n";
  const auto nothing = me({"build", hello_});
  EXPECT_EQ(nothing.code, 4);
  EXPECT_NE(nothing.err.find("CMakeLists.txt: makes no capsule"), std::string::npos) << nothing.err;
}

}  // namespace
}  // namespace emulated
