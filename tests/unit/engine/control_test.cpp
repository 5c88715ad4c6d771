// The control port of a machine that is slow to read.
#include "engine/machine/control.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

namespace engine {
namespace {

TEST(Control, SaysWhenTooMuchWaitsAndWhenThatIsOver) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends), 0);
  boost::asio::io_context io;
  Control control{io};
  const FileDescriptor agency(ends[1]);
  int drained = 0;
  control.on_drained([&] { ++drained; });
  control.start(FileDescriptor(ends[0]), {}, {}, [] {});
  const link::Bytes payload(abi::link::length_max);
  std::size_t sent = 0;
  for (; !control.full(); sent += sizeof(abi::link::Frame) + payload.size())
    control.send(abi::link::Type::peer, 0, payload);
  EXPECT_GT(sent, Control::full_at);
  EXPECT_LE(sent, Control::full_at + sizeof(abi::link::Frame) + payload.size());
  for (int more = 0; more < 16; ++more, sent += sizeof(abi::link::Frame) + payload.size())  // more than a socket holds
    control.send(abi::link::Type::peer, 0, payload);
  io.poll();
  EXPECT_TRUE(control.full()) << "nobody reads";

  std::vector<char> part(64 * 1024);
  std::size_t received = 0;
  for (int idle = 0; received < sent && idle < 3;) {
    const auto n = ::read(agency.get(), part.data(), part.size());
    if (n > 0) received += static_cast<std::size_t>(n);
    idle = n > 0 || io.poll() > 0 ? 0 : idle + 1;
    if (drained == 0) {
      EXPECT_LE(received, sent - Control::full_at / 2 + 2 * payload.size());
    }
  }
  EXPECT_EQ(received, sent);
  EXPECT_EQ(drained, 1);
  EXPECT_FALSE(control.full());
  control.send(abi::link::Type::peer, 0, payload);
  io.poll();
  EXPECT_EQ(drained, 1) << "told once";
}

}  // namespace
}  // namespace engine
