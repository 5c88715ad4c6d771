#include "tests/unit/image/itb_builder.hpp"

#include <libfdt.h>
#include <openssl/sha.h>

#include <cstring>
#include <stdexcept>

#include "so3/abi/layout.hpp"
#include "so3/abi/version.hpp"

namespace image_test {
namespace {

constexpr std::size_t kernel_bytes = 333;

void check(int error) {
  if (error != 0) throw std::runtime_error(fdt_strerror(error));
}

}  // namespace

TreeWriter::TreeWriter() : blob_(1024 * 1024) {
  check(fdt_create(blob_.data(), static_cast<int>(blob_.size())));
  check(fdt_finish_reservemap(blob_.data()));
  begin("");
}

TreeWriter& TreeWriter::begin(const std::string& node) {
  check(fdt_begin_node(blob_.data(), node.c_str()));
  return *this;
}

TreeWriter& TreeWriter::end() {
  check(fdt_end_node(blob_.data()));
  return *this;
}

TreeWriter& TreeWriter::text(const std::string& property, const std::string& value) {
  check(fdt_property(blob_.data(), property.c_str(), value.c_str(), static_cast<int>(value.size()) + 1));
  return *this;
}

TreeWriter& TreeWriter::bytes(const std::string& property, const Blob& value) {
  check(fdt_property(blob_.data(), property.c_str(), value.data(), static_cast<int>(value.size())));
  return *this;
}

TreeWriter& TreeWriter::cell(const std::string& property, std::uint32_t value) {
  check(fdt_property_u32(blob_.data(), property.c_str(), value));
  return *this;
}

TreeWriter& TreeWriter::wide(const std::string& property, std::initializer_list<std::uint64_t> values) {
  Blob out;
  for (std::uint64_t value : values) {
    for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<std::byte>(value >> shift));
  }
  return bytes(property, out);
}

Blob TreeWriter::finish() {
  end();
  check(fdt_finish(blob_.data()));
  check(fdt_pack(blob_.data()));  // as dtc lays it out
  blob_.resize(fdt_totalsize(blob_.data()));
  return blob_;
}

Blob me_tree(const MeProperties& p) {
  TreeWriter t;
  t.begin("ME");
  for (const auto& part : {p.spid, p.spadcaps, p.name, p.description, p.size, p.more, p.nodes}) part(t);
  t.end();
  p.beside(t);
  return t.finish();
}

abi::ImageHeader good_header() {
  return {.branch = 0x14000010,
          .abi_version = abi::version,
          .magic = abi::image_magic,
          .load_address = abi::ram_ipa,
          .file_size = kernel_bytes,
          .memory_size = 0x8000,
          .threads = 0};
}

ImageProperties kernel_image(const abi::ImageHeader& header) {
  Blob data(kernel_bytes);
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::byte>(i * 7);
  std::memcpy(data.data(), &header, sizeof header);
  return {.name = "so3", .type = "ME", .data = data, .more = [version = header.abi_version](TreeWriter& t) {
            t.text("os", "linux").cell(abi::fit_abi_property, version);
          }};
}

ImageProperties fdt_image(const Blob& tree) { return {.name = "fdt", .type = "flat_dt", .data = tree}; }

ImageProperties ramfs_image() { return {.name = "ramfs", .type = "ramdisk", .data = Blob(101, std::byte{0x5a})}; }

Blob itb(const std::vector<ImageProperties>& images, const std::function<void(TreeWriter&)>& root) {
  TreeWriter t;
  t.text("description", "SOO.refso3").cell("timestamp", 0);
  if (root) root(t);
  t.begin("images");
  for (const auto& image : images) {
    t.begin(image.name).text("description", "part").bytes("data", image.data).text("type", image.type);
    t.text("arch", image.arch).text("compression", image.compression);
    image.more(t);
    Blob digest(SHA256_DIGEST_LENGTH);
    SHA256(reinterpret_cast<const unsigned char*>(image.data.data()), image.data.size(),
           reinterpret_cast<unsigned char*>(digest.data()));
    if (image.wrong_hash) digest[31] ^= std::byte{1};
    t.begin(image.hash_node).bytes("value", digest).text("algo", image.algorithm).end();
    t.end();
  }
  t.end();
  return t.finish();
}

Blob good_itb() { return itb({kernel_image(good_header()), fdt_image(), ramfs_image()}); }

}  // namespace image_test
