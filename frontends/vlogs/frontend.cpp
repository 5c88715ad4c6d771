// The vbus side of VLOGS in the ME.
#include <new>
#include <optional>
#include <utility>

#include "frontends/vlogs/log.hpp"
#include "frontends/vlogs/protocol.hpp"
#include "so3/abi/layout.hpp"
#include "so3/guest/events.hpp"
#include "so3/guest/granted_page.hpp"
#include "so3/guest/vbus/frontend.hpp"
#include "so3/kernel/include/so3/thread.h"

namespace vlogs {
namespace {

constexpr std::size_t flusher_stack = 8 * 1024;

int flush_lines(void*) {
  for (;;) log_of_this_me().flush_next();
}

bool start_flusher() {
  static bool started = false;
  if (started) return true;
  tcb_t* const thread = kernel_thread_sized(flush_lines, "vlogs", nullptr, THREAD_PRIO_DEFAULT, flusher_stack);
  if (thread == nullptr) return false;
  thread_detach(thread);
  return started = true;
}

class LogFrontend final : public vbus::Frontend {
 public:
  std::expected<void, abi::Status> publish(vbus::Publication& keys) override {
    if (!start_flusher()) return std::unexpected{abi::Status::no_memory};
    if (page_) {
      if (const auto renewed = page_.renew(); !renewed) return renewed;
    } else {
      auto page = guest::GrantedPage::allocate(abi::agency_domain, abi::GrantFlags::none);
      if (!page) return std::unexpected{page.error()};
      page_ = std::move(*page);
    }
    writer_.emplace(page_.as<Ring>()).reset();
    auto channel =
        guest::EventChannel::offer(abi::agency_domain, [](void*) { log_of_this_me().gate().signalled(); }, nullptr);
    if (!channel) return std::unexpected{channel.error()};
    channel_ = std::move(*channel);
    log_of_this_me().attach(*writer_, [](void* self) { static_cast<LogFrontend*>(self)->channel_.signal(); }, this);
    keys.add(key_ring, page_.reference());
    keys.add(key_channel, channel_.port());
    return {};
  }

  void connected() override { log_of_this_me().opened(); }
  void resume() override { log_of_this_me().opened(); }
  void closed() override {
    log_of_this_me().detach();
    channel_.close();
    page_.release();
  }
  vbus::Gate& gate() override { return log_of_this_me().gate(); }

 private:
  guest::GrantedPage page_;
  guest::EventChannel channel_;
  std::optional<RecordWriter> writer_;
};

vbus::Frontend* create(std::uint32_t) { return new (std::nothrow) LogFrontend; }

}  // namespace
}  // namespace vlogs

SO3_FRONTEND(vlogs, vlogs::type, vlogs::create);
