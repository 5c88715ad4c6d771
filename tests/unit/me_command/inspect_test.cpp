// me inspect: text, JSON, and files that are not what they should be.
#include "engine/snapshot/file_writer.hpp"
#include "tests/unit/me_command/command.hpp"
#include "tests/unit/snapshot/sample.hpp"

namespace me {
namespace {

class InspectTest : public CommandTest {
 protected:
  std::string save(const snapshot_test::Contents& contents) {
    const auto path = folder_ / "a.me";
    auto writer = engine::SnapshotWriter::create(path);
    EXPECT_TRUE(writer && (*writer)->write(contents.write()) && (*writer)->finish());
    return path.string();
  }
};

TEST_F(InspectTest, ShowsWhatIsInASnapshot) {
  const auto file = save(snapshot_test::sample());
  const auto outcome = me({"inspect", file});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  for (const auto* expected :
       {"SOO.refso3, species 0x0010000000000001", "2023-11-14T22:13:20Z on so1", "ME_state_suspended in slot 2",
        "1,024 KB, of which 12 KB were touched", "device tree", "port   8  connected to slot 0 port 70",
        "   1  0x1000205000 for slot 0, read-only, mapped 0 times", "soo/me/@/name = SOO.refso3"})
    EXPECT_NE(outcome.out.find(expected), std::string::npos) << expected << '\n' << outcome.out;
}

TEST_F(InspectTest, SaysTheSameAsJson) {
  const auto file = save(snapshot_test::sample());
  const auto outcome = me({"inspect", file, "--json"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  const auto s = json::parse(outcome.out);
  EXPECT_EQ(s["identity"]["name"], "SOO.refso3");
  EXPECT_EQ(s["identity"]["epoch"], 3);
  EXPECT_EQ(s["state"], "ME_state_suspended");
  EXPECT_EQ(s["version"], "1.1");
  EXPECT_EQ(s["pages"], 3);
  EXPECT_EQ(s["events"].size(), 3u);
  EXPECT_EQ(s["grants"][1]["page"], "0x1000205000");
  EXPECT_EQ(s["vbstore"][0]["path"], "soo/me/@/name");
  EXPECT_EQ(s["vcpu"]["mode"], "EL1h");
  EXPECT_EQ(s["threads_trouble"], "its memory does not begin with an image, at 0x1000200000");
}

TEST_F(InspectTest, NothingOfItMovesTheCursor) {
  auto contents = snapshot_test::sample();
  contents.store.push_back({"soo/me/@/shortdesc", "\x1b[2J\u202e"});
  const auto outcome = me({"inspect", save(contents)});
  EXPECT_NE(outcome.out.find("\\x1b[2J\\xe2\\x80\\xae"), std::string::npos) << outcome.out;
  EXPECT_EQ(outcome.out.find('\x1b'), std::string::npos);
}

TEST_F(InspectTest, ErrorsNameTheFileAndWhatIsWrongWhere) {
  const auto refused = [&](const std::string& file, int code, const std::string& words) {
    const auto outcome = me({"inspect", file});
    EXPECT_EQ(outcome.code, code) << outcome.err;
    EXPECT_EQ(outcome.out, "");
    EXPECT_TRUE(outcome.err.starts_with("me: " + file + ": " + words)) << outcome.err;
  };
  refused((folder_ / "none").string(), 5, "No such file");
  refused(folder_.string(), 4, "not a file");
  std::ofstream(folder_ / "text") << "this is no snapshot, but some text";
  refused((folder_ / "text").string(), 4, "not a snapshot: it begins with 0x2073692073696874");
  auto contents = snapshot_test::sample();
  contents.me.state = 2;
  refused(save(contents), 4, "state in the me at byte 156 is 0x2, which is none of its values");
  const auto file = save(snapshot_test::sample());
  fs::resize_file(file, 1000);
  refused(file, 4, "cut off at byte 1000");
}

}  // namespace
}  // namespace me
