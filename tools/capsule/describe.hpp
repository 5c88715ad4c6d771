// From a raw image and a device tree to the .its that mkimage turns into a capsule.
#pragma once
#include <filesystem>

namespace capsule_tool {

struct Parts {
  std::filesystem::path elf, image;      // image: the ELF's raw bytes
  std::filesystem::path dtb, annotated;  // annotated: the tree as source, with the places it came from
  std::filesystem::path ramfs;           // empty: none
};

// Refuses, pointing into the author's .dts, what the agency would refuse. File names in the .its are without folder:
// mkimage runs where the files are.
void write_its(const Parts& parts, const std::filesystem::path& its);

// Refuses an .itb that the agency would refuse.
void verify_itb(const std::filesystem::path& itb);

}  // namespace capsule_tool
