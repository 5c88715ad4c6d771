// Build-time work on capsules; toolchain/Image.cmake and Capsule.cmake call it. Builds for the machine that builds.
#include <iostream>
#include <string_view>
#include <vector>

#include "tools/capsule/describe.hpp"
#include "tools/capsule/ramfs.hpp"
#include "tools/capsule/symbols.hpp"

int main(int argc, char** argv) {
  const std::vector<std::string_view> args(argv + 1, argv + argc);
  const auto is = [&](std::string_view verb, std::size_t least, std::size_t most) {
    return args.size() > least && args.size() <= most + 1 && args[0] == verb;
  };
  if (is("symbols", 2, 2)) {
    capsule_tool::write_symbols(args[1], args[2]);
  } else if (is("ramfs", 2, 2)) {
    capsule_tool::write_ramfs(args[1], args[2]);
  } else if (is("its", 5, 6)) {
    capsule_tool::write_its({args[2], args[3], args[4], args[5], args.size() > 6 ? args[6] : ""}, args[1]);
  } else if (is("verify", 1, 1)) {
    capsule_tool::verify_itb(args[1]);
  } else {
    std::cerr << "usage: capsule-tool symbols ELF OUT.S\n"
                 "       capsule-tool ramfs FOLDER OUT.cpio\n"
                 "       capsule-tool its OUT.its IMAGE.elf IMAGE.bin TREE.dtb ANNOTATED.dts [RAMFS.cpio]\n"
                 "       capsule-tool verify FILE.itb\n";
    return 2;
  }
  return 0;
}
