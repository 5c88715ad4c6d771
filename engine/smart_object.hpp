// A smart object in QEMU: started, watched, spoken to, and ended with its owner.
//
//   auto so = engine::SmartObject::start(options);
//   if (!so) return so.error();
//   auto slot = (*so)->inject(capsule);
//
// All calls may be made from any thread and block until the agency answers; none of them throws. When the
// smart object ends, by itself or by force, every call waiting and every later one fails with the reason.
#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/capsule/capsule.hpp"
#include "engine/error.hpp"
#include "engine/event.hpp"
#include "engine/link/message.hpp"
#include "engine/neighbours/doubts.hpp"
#include "engine/neighbours/neighbours.hpp"
#include "engine/options.hpp"
#include "engine/snapshot/saving.hpp"
#include "engine/subscription.hpp"
#include "engine/trace/recording.hpp"

namespace engine {

class Machine;

class SmartObject {
 public:
  // Returns when the agency is ready.
  [[nodiscard]] static Result<std::unique_ptr<SmartObject>> start(const Options& options);
  ~SmartObject();  // kills what still runs; nothing stays behind but the log files

  // Injects and waits until the ME lives, or has chosen to rest (dormant): its slot, or what it died of.
  [[nodiscard]] Result<std::uint32_t> inject(const Capsule& capsule);
  // The same with bytes that nobody has checked: the agency must refuse what is not a capsule.
  [[nodiscard]] Result<std::uint32_t> inject_unchecked(std::span<const std::byte> itb);
  // Returns when the ME has a slot; its injection sequence goes on.
  [[nodiscard]] Result<std::uint32_t> begin_inject(std::span<const std::byte> itb);

  [[nodiscard]] Result<std::vector<MeInfo>> list();
  // What the published ioctls of these names give (M9), without their bound of five MEs. not_found: the slot is empty.
  [[nodiscard]] Result<ME_id> get_ME_id(std::uint32_t slot);
  [[nodiscard]] Result<std::vector<ME_id>> get_ME_id_array();
  // The same as an XML document (docs/me-command.md).
  [[nodiscard]] Result<std::string> list_xml();
  [[nodiscard]] Result<std::string> store_read(std::string_view path);
  [[nodiscard]] Result<std::vector<std::string>> store_list(std::string_view path);
  // cb_force_terminate and an orderly close; after `grace` the ME is destroyed. Returns when the slot is free.
  [[nodiscard]] Result<> stop(std::uint32_t slot, std::chrono::milliseconds grace);
  [[nodiscard]] Result<> kill(std::uint32_t slot);
  [[nodiscard]] Result<MachineInfo> info();

  // Makes neighbours. The other side, at the other end of the connected stream socket, accepts at the same time.
  [[nodiscard]] Result<Neighbour> ask_link(FileDescriptor socket);
  [[nodiscard]] Result<Neighbour> accept_link(FileDescriptor socket);
  // The same without waiting: a NeighbourChanged tells when they are linked.
  void expect_link(FileDescriptor socket);
  // Makes neighbours of two that this process owns.
  [[nodiscard]] static Result<> link(SmartObject& a, SmartObject& b);
  [[nodiscard]] Result<> unlink(std::string_view neighbour);
  // Moves to a neighbour, linked or not, that wait for its word. They are decided when it can be reached again, or has
  // ended; kill() ends the ME here.
  [[nodiscard]] Result<std::vector<MoveInDoubt>> moves_in_doubt(std::string_view neighbour);
  [[nodiscard]] Result<std::vector<Neighbour>> neighbours();
  // One propagation by hand: asks cb_pre_propagate, then sends copies to all neighbours or to one. Returns when it is
  // over, with the agency's word on what became of it.
  [[nodiscard]] Result<std::string> propagate(std::uint32_t slot, std::string_view neighbour = {});
  // Moves the ME: its slot over there. On any failure it lives on here. When the link is cut while nobody can know whether
  // it lives there, this waits until the neighbour can be asked again, or is known to have died; nothing else would be
  // true, so there is no deadline. Neither has propagate(), which the agency ends when no neighbour does anything more.
  [[nodiscard]] Result<std::uint32_t> migrate(std::uint32_t slot, std::string_view neighbour);
  // Writes a snapshot of the ME to a file, which replaces one that is there once it is complete; the ME goes on
  // meanwhile. Returns when the file is complete; on any failure none was made.
  [[nodiscard]] Result<SavedSnapshot> snapshot(std::uint32_t slot, const std::filesystem::path& file);
  // A new ME from a snapshot: its slot, when it lives. The file is checked to its last byte before anything of it is used.
  [[nodiscard]] Result<std::uint32_t> restore(const std::filesystem::path& file);
  // How often MEs are asked whether they want to propagate; 0: by hand only. 1 s once there is a neighbour.
  [[nodiscard]] Result<> set_period(std::chrono::milliseconds period);
  // Records from here on; one trace at a time. Refused when the machine has no memory for it.
  [[nodiscard]] Result<> begin_trace(trace::Flags what = trace::Flags::all);
  // What was recorded. Fails when the smart object has ended; what came until then is lost.
  [[nodiscard]] Result<trace::Recording> end_trace();

  // Asks the agency; when QEMU has not ended within `grace`, kills it.
  [[nodiscard]] Result<> power_off(std::chrono::seconds grace = std::chrono::seconds(60));

  // What is published from now on; only events of some kinds when these are named: subscribe<StateChanged, Ended>().
  template <class... Kinds>
  [[nodiscard]] std::shared_ptr<Subscription> subscribe() {
    return subscribe_to(kinds_of<Kinds...>());
  }
  [[nodiscard]] std::vector<std::string> console_tail() const;
  // Returns when all log lines that came so far are in their files.
  void flush_logs();
  // Why log lines wait instead of being written; empty when all is well.
  [[nodiscard]] std::string log_trouble();

  const Options& options() const;
  const Ready& ready() const;
  int qemu_pid() const;
  std::filesystem::path log_folder() const;

 private:
  explicit SmartObject(std::unique_ptr<Machine> machine);
  [[nodiscard]] std::shared_ptr<Subscription> subscribe_to(std::uint32_t kinds);
  [[nodiscard]] Result<std::uint32_t> peer_of(std::string_view neighbour);
  // Calls `take` with each part of a list.
  [[nodiscard]] Result<> in_parts(abi::link::Type type,
                                  const std::function<Result<>(std::span<const std::uint8_t>)>& take);
  [[nodiscard]] Result<> sync();
  [[nodiscard]] Result<> trace_off();

  std::unique_ptr<Machine> machine_;
  std::mutex trace_mutex_;
  bool tracing_ = false;
  std::vector<trace::SyncPoint> syncs_;
};

}  // namespace engine
