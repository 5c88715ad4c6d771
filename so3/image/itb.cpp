#include "so3/image/itb.hpp"

#include <algorithm>
#include <cstring>

#include "so3/abi/layout.hpp"
#include "so3/abi/version.hpp"

namespace image {
namespace {

std::unexpected<Error> fail(Fault f, std::string_view node, std::string_view property = {}, std::uint64_t found = 0,
                            std::uint64_t limit = 0) {
  return std::unexpected(Error{f, node, property, found, limit});
}

struct Image {
  std::string_view name, type;
  Bytes data, abi_version;
};

bool is(Bytes value, std::string_view text) {
  return value.size() == text.size() + 1 && value.back() == std::byte{} &&
         std::memcmp(value.data(), text.data(), text.size()) == 0;
}

std::expected<void, Error> check_hash(Node image, Bytes data, Sha256 sha256) {
  const auto name = image.name();
  Node hash = image.first_child();
  if (!hash) return fail(Fault::missing_node, "hash-1 of an image");
  if (hash.name() != "hash-1" && hash.name() != "hash") return fail(Fault::unknown_node, hash.name());
  if (Node more = hash.next_sibling()) return fail(Fault::unknown_node, more.name());
  if (Node inner = hash.first_child()) return fail(Fault::unknown_node, inner.name());
  Bytes algorithm, value;
  if (auto ok = read(hash, name, {{"algo", &algorithm, true}, {"value", &value, true}}); !ok) return ok;
  if (!is(algorithm, "sha256")) return fail(Fault::wrong_hash_algorithm, name);
  const Digest digest = sha256(data);
  if (value.size() != digest.size()) return fail(Fault::property_size, name, "value", value.size(), digest.size());
  if (!std::ranges::equal(digest, value)) return fail(Fault::wrong_hash, name);
  return {};
}

// The image runs where it was linked; the file may say so, but cannot say otherwise.
std::expected<void, Error> check_address(std::string_view node, std::string_view property, Bytes value) {
  if (value.empty()) return {};
  if (value.size() != 8) return fail(Fault::property_size, node, property, value.size(), 8);
  const auto address = big_endian_64(value);
  if (address != abi::ram_ipa) return fail(Fault::wrong_address, node, property, address, abi::ram_ipa);
  return {};
}

std::expected<Image, Error> read_image(Node node, Sha256 sha256) {
  const auto name = node.name();
  Bytes description, data, type, arch, os, compression, load, entry, abi_version, timestamp;
  const auto ok = read(node, name,
                       {{"description", &description, false},
                        {"timestamp", &timestamp, false},
                        {"data", &data, true},
                        {"type", &type, true},
                        {"arch", &arch, true},
                        {"os", &os, false},
                        {"compression", &compression, true},
                        {"load", &load, false},
                        {"entry", &entry, false},
                        {abi::fit_abi_property, &abi_version, false}});
  if (!ok) return std::unexpected(ok.error());
  if (!is(arch, "arm64")) return fail(Fault::wrong_value, name, "arch");
  if (!is(compression, "none")) return fail(Fault::wrong_value, name, "compression");
  if (os.data() != nullptr && !is(os, "linux")) return fail(Fault::wrong_value, name, "os");
  if (auto r = check_address(name, "load", load); !r) return std::unexpected(r.error());
  if (auto r = check_address(name, "entry", entry); !r) return std::unexpected(r.error());
  const auto type_text = text(type, name, "type");
  if (!type_text) return std::unexpected(type_text.error());
  if (data.empty()) return fail(Fault::empty_data, name);
  if (auto r = check_hash(node, data, sha256); !r) return std::unexpected(r.error());
  return Image{name, *type_text, data, abi_version};
}

std::expected<abi::ImageHeader, Error> read_header(const Image& image) {
  abi::ImageHeader h;
  if (image.data.size() < sizeof h) return fail(Fault::not_a_capsule_image, image.name);
  std::memcpy(&h, image.data.data(), sizeof h);
  if (h.magic != abi::image_magic) return fail(Fault::not_a_capsule_image, image.name);

  if (image.abi_version.data() == nullptr) return fail(Fault::missing_property, image.name, abi::fit_abi_property);
  if (image.abi_version.size() != 4) {
    return fail(Fault::property_size, image.name, abi::fit_abi_property, image.abi_version.size(), 4);
  }
  const auto declared = big_endian_32(image.abi_version);
  const auto differ = [&](std::string_view property, std::uint64_t inside, std::uint64_t outside) {
    return fail(Fault::header_disagrees, image.name, property, inside, outside);
  };
  if (declared != h.abi_version) return differ(abi::fit_abi_property, h.abi_version, declared);
  if (!abi::runs_on(declared, abi::version)) return fail(Fault::abi_mismatch, image.name, {}, declared, abi::version);
  if (h.load_address != abi::ram_ipa) return differ("load address", h.load_address, abi::ram_ipa);
  if (h.file_size != image.data.size()) return differ("size", h.file_size, image.data.size());
  if (h.memory_size < h.file_size || h.memory_size > abi::ram_max)
    return differ("memory size", h.memory_size, h.file_size);
  if (h.threads != 0 && h.threads - abi::ram_ipa >= h.memory_size)
    return differ("thread directory", h.threads, abi::ram_ipa);
  return h;
}

std::expected<void, Error> sort_image(const Image& image, Image& kernel, Itb& itb) {
  const auto take = [&](Bytes& place) -> std::expected<void, Error> {
    if (place.data() != nullptr) return fail(Fault::repeated, "/images", image.type);
    place = image.data;
    return {};
  };
  if (image.type != "ME" && image.abi_version.data() != nullptr) {
    return fail(Fault::unknown_property, image.name, abi::fit_abi_property);
  }
  if (image.type == "ME") {
    auto ok = take(itb.kernel);
    if (ok) kernel = image;
    return ok;
  }
  if (image.type == "flat_dt" && image.name == "fdt") return take(itb.fdt);
  if (image.type == "ramdisk") return take(itb.ramfs);
  return fail(Fault::wrong_value, image.name, "type");
}

std::uint64_t whole_pages(std::uint64_t bytes) { return (bytes + abi::page_size - 1) & ~(abi::page_size - 1); }

}  // namespace

std::uint64_t required_memory(const abi::ImageHeader& header, std::size_t fdt_size, std::size_t ramfs_size) {
  return std::max(abi::ram_min,
                  whole_pages(header.memory_size) + whole_pages(fdt_size) + whole_pages(ramfs_size) + working_memory);
}

std::expected<Itb, Error> parse_itb(Bytes file, std::span<std::byte, fdt_max> fdt_copy, Sha256 sha256) {
  const auto tree = Tree::open(file, "the .itb");
  if (!tree) return std::unexpected(tree.error());

  Itb itb;
  Bytes description, timestamp, address_cells;
  const auto root_ok = read(tree->root(), "/",
                            {{"description", &description, true},
                             {"timestamp", &timestamp, false},
                             {"#address-cells", &address_cells, false}});
  if (!root_ok) return std::unexpected(root_ok.error());
  const auto title = text(description, "/", "description");
  if (!title) return std::unexpected(title.error());
  itb.description = *title;

  Node images = tree->root().first_child();
  if (!images) return fail(Fault::missing_node, "/images");
  if (images.name() != "images") return fail(Fault::unknown_node, images.name());
  if (Node more = images.next_sibling()) return fail(Fault::unknown_node, more.name());
  if (auto ok = read(images, "/images", {}); !ok) return std::unexpected(ok.error());

  Image kernel;
  for (Node node = images.first_child(); node; node = node.next_sibling()) {
    const auto image = read_image(node, sha256);
    if (!image) return std::unexpected(image.error());
    if (auto ok = sort_image(*image, kernel, itb); !ok) return std::unexpected(ok.error());
  }
  if (itb.kernel.empty()) return fail(Fault::no_kernel, "/images");
  if (itb.fdt.empty()) return fail(Fault::no_fdt, "/images");
  if (itb.fdt.size() > fdt_max) return fail(Fault::fdt_too_big, "fdt", {}, itb.fdt.size(), fdt_max);

  const auto header = read_header(kernel);
  if (!header) return std::unexpected(header.error());
  itb.header = *header;

  std::ranges::copy(itb.fdt, fdt_copy.begin());
  itb.fdt = fdt_copy.first(itb.fdt.size());
  const auto me = parse_me_tree(itb.fdt);
  if (!me) return std::unexpected(me.error());
  itb.me = *me;

  const auto needed = required_memory(itb.header, itb.fdt.size(), itb.ramfs.size());
  if (itb.me.domain_size < needed) {
    return fail(Fault::domain_size_too_small, "/ME", "domain-size", itb.me.domain_size, needed);
  }
  return itb;
}

}  // namespace image
