#include "engine/qemu.hpp"

#include <fmt/format.h>

#include <algorithm>

#include <charconv>
#include <fstream>

#include "engine/devcaps.hpp"
#include "engine/host/paths.hpp"
#include "engine/host/process.hpp"
#include "so3/abi/shared_page.hpp"

namespace engine {
namespace {

constexpr std::size_t boot_arguments_max = sizeof abi::SharedPage::Machine::bootargs - 1;

std::string boot_arguments(const Options& o) {
  if (o.devcaps.empty()) return o.bootargs;
  return fmt::format("{}{}devcaps={}", o.bootargs, o.bootargs.empty() ? "" : " ", devcaps_text(o.devcaps));
}

}  // namespace

Result<QemuVersion> parse_qemu_version(std::string_view text) {
  constexpr std::string_view before = "version ";
  QemuVersion version{};
  if (const auto at = text.find(before); at != text.npos) {
    const char* end = text.data() + text.size();
    const auto major = std::from_chars(text.data() + at + before.size(), end, version.major);
    if (major.ec == std::errc() && major.ptr != end && *major.ptr == '.' &&
        std::from_chars(major.ptr + 1, end, version.minor).ec == std::errc())
      return version;
  }
  return fail(Errc::environment, fmt::format("this is not how QEMU tells its version: '{}'", text.substr(0, 80)));
}

Result<Qemu> find_qemu(const std::string& program) {
  const auto path = find_program(program);
  if (path.empty())
    return fail(Errc::environment, fmt::format("QEMU is missing: there is no {}", program),
                "apt-get install qemu-system-arm");
  const auto text = output_of({path, "--version"});
  if (!text) return std::unexpected(text.error());
  const auto version = parse_qemu_version(*text);
  if (!version) return std::unexpected(Error{Errc::environment, path + ": " + version.error().message, {}});
  if (*version < qemu_oldest)
    return fail(Errc::environment,
                fmt::format("{} is QEMU {}.{}; {}.{} or later is needed", path, version->major, version->minor,
                            qemu_oldest.major, qemu_oldest.minor),
                "install a newer qemu-system-arm (Debian 12 has 7.2)");
  return Qemu{path, *version};
}

Result<> check_machine(const Options& o) {
  if (auto name = check_name(o.name); !name) return name;
  if (o.gic != 2 && o.gic != 3)
    return fail(Errc::usage, fmt::format("there is no GIC version {} here", o.gic), "use 2 or 3");
  const std::uint32_t cpus_max = o.gic == 2 ? 8 : 64;
  if (o.cpus < 2 || o.cpus > cpus_max)
    return fail(Errc::usage, fmt::format("{} CPUs: a smart object with a GICv{} has 2 to {}", o.cpus, o.gic, cpus_max));
  if (o.memory_mb < 64 || o.memory_mb > 65536)
    return fail(Errc::usage, fmt::format("{} MB of memory: 64 to 65536 are possible", o.memory_mb));
  if (o.window_mb < 1 || o.window_mb > 1024)
    return fail(Errc::usage, fmt::format("a window of {} MB: 1 to 1024 are possible", o.window_mb));
  // QEMU puts the agency's image in the middle of all memory, at 128 MB at most: that has to be before the window.
  constexpr std::uint64_t image_mb = 8;
  if (const auto least = o.window_mb + 2 * image_mb; o.memory_mb < std::min(least, 128 + image_mb))
    return fail(Errc::usage, fmt::format("{} MB of memory beside a window of {} MB: at least {} MB are needed",
                                         o.memory_mb, o.window_mb, std::min(least, 128 + image_mb)));
  for (const auto entry : o.devcaps)
    if (!is_devcaps(entry))
      return fail(Errc::usage, fmt::format("device capability {:#010x} lacks a class or attributes", entry));
  if (const auto bytes = boot_arguments(o).size(); bytes > boot_arguments_max)
    return fail(Errc::usage, fmt::format("boot arguments of {} bytes, device capabilities included: {} are possible",
                                         bytes, boot_arguments_max));
  for (const auto* image : {&o.avz, &o.agency})
    if (!std::ifstream(*image))
      return fail(Errc::environment,
                  fmt::format("cannot read {}", image->empty() ? "avz or agency: no path" : image->string()),
                  "build it: ./me build");
  return {};
}

std::vector<std::string> qemu_command(const Options& o, const Qemu& qemu) {
  std::vector<std::string> command = {
      qemu.path, "-name", "soo-" + o.name, "-no-user-config", "-nodefaults", "-display", "none", "-net", "none",
      "-accel", fmt::format("tcg,tb-size={}", translation_mb), "-M",
      fmt::format("virt,virtualization=on,gic-version={}", o.gic), "-cpu", "cortex-a72", "-smp",
      fmt::format("{}", o.cpus), "-m", fmt::format("{}M", o.memory_mb + o.window_mb),
      // Lowest node: private RAM; the second: the window.
      "-object", fmt::format("memory-backend-ram,id=ram,size={}M", o.memory_mb), "-object",
      fmt::format("memory-backend-file,id=window,size={}M,mem-path=/dev/fd/{},share=on", o.window_mb, qemu_window_fd),
      "-numa", fmt::format("node,memdev=ram,cpus=0-{}", o.cpus - 1), "-numa", "node,memdev=window", "-chardev",
      fmt::format("socket,id=console,fd={}", qemu_console_fd), "-serial", "chardev:console", "-global",
      "virtio-mmio.force-legacy=false", "-device", "virtio-serial-device,max_ports=2", "-chardev",
      fmt::format("socket,id=control,fd={}", qemu_control_fd), "-device",
      "virtserialport,chardev=control,name=soo.control,nr=1", "-kernel", o.avz.string(), "-initrd", o.agency.string()};
  if (const auto arguments = boot_arguments(o); !arguments.empty())
    command.insert(command.end(), {"-append", arguments});
  return command;
}

}  // namespace engine
