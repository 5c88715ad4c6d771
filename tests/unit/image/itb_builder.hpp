// Capsules for tests, right by default, so that a test changes the one thing it is about.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "so3/abi/image.hpp"
#include "so3/image/itb.hpp"

namespace image_test {

using Blob = std::vector<std::byte>;

// libfdt's sequential writer.
class TreeWriter {
 public:
  TreeWriter();
  TreeWriter& begin(const std::string& node);
  TreeWriter& end();
  TreeWriter& text(const std::string& property, const std::string& value);  // NUL added
  TreeWriter& bytes(const std::string& property, const Blob& value);
  TreeWriter& cell(const std::string& property, std::uint32_t value);
  TreeWriter& wide(const std::string& property, std::initializer_list<std::uint64_t> values);
  Blob finish();

 private:
  Blob blob_;
};

struct MeProperties {
  std::function<void(TreeWriter&)> spid = [](TreeWriter& t) { t.wide("spid", {0x0010000000000001}); };
  std::function<void(TreeWriter&)> spadcaps = [](TreeWriter& t) { t.wide("spadcaps", {0}); };
  std::function<void(TreeWriter&)> name = [](TreeWriter& t) { t.text("me_name", "SOO.refso3"); };
  std::function<void(TreeWriter&)> description = [](TreeWriter& t) { t.text("me_shortdesc", "a description"); };
  std::function<void(TreeWriter&)> size = [](TreeWriter& t) { t.cell("domain-size", 0x100000); };
  std::function<void(TreeWriter&)> more = [](TreeWriter&) {};    // properties of /ME after these
  std::function<void(TreeWriter&)> nodes = [](TreeWriter&) {};   // nodes in /ME
  std::function<void(TreeWriter&)> beside = [](TreeWriter&) {};  // nodes beside /ME
};
Blob me_tree(const MeProperties& properties = {});

struct ImageProperties {
  std::string name, type, arch = "arm64", compression = "none", algorithm = "sha256", hash_node = "hash-1";
  Blob data;
  std::function<void(TreeWriter&)> more = [](TreeWriter&) {};
  bool wrong_hash = false;
};
ImageProperties kernel_image(const abi::ImageHeader& header);
ImageProperties fdt_image(const Blob& tree = me_tree());
ImageProperties ramfs_image();
abi::ImageHeader good_header();

Blob itb(const std::vector<ImageProperties>& images, const std::function<void(TreeWriter&)>& root = {});
Blob good_itb();

}  // namespace image_test
