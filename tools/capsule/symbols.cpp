#include "tools/capsule/symbols.hpp"

#include <cxxabi.h>
#include <elf.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <sstream>

#include "tools/capsule/files.hpp"

namespace capsule_tool {
namespace {

template <class T>
std::vector<T> read_array(std::span<const std::byte> file, std::uint64_t offset, std::uint64_t count,
                          const std::string& name) {
  if (offset > file.size() || count > (file.size() - offset) / sizeof(T)) die(name, "is not a whole ELF file");
  std::vector<T> items(count);
  std::memcpy(items.data(), file.data() + offset, count * sizeof(T));
  return items;
}

// Without parameters and template arguments: what a backtrace has room for.
std::string short_name(const std::string& mangled) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> demangled(
      abi::__cxa_demangle(mangled.c_str(), nullptr, nullptr, &status), &std::free);
  if (status != 0) return mangled;
  std::string_view full = demangled.get();
  constexpr std::string_view anonymous = "(anonymous namespace)::";
  if (full.find("operator") != full.npos) return std::string(full.substr(0, full.rfind('(')));
  std::string name;
  int depth = 0;
  while (!full.empty()) {
    if (full.starts_with(anonymous)) {
      full.remove_prefix(anonymous.size());
      continue;
    }
    const char c = full.front();
    full.remove_prefix(1);
    if (c == '<') ++depth;
    if (depth == 0 && c == '(') break;
    if (depth == 0 && c == ' ') name.clear();  // what came before was the return type
    else if (depth == 0) name += c;
    if (c == '>') --depth;
  }
  return name;
}

struct Elf {
  std::uint64_t base = UINT64_MAX;  // address of the image's first byte
  std::vector<Elf64_Sym> symbols;
  std::vector<char> names;

  const char* name(const Elf64_Sym& symbol) const {
    return symbol.st_name < names.size() ? &names[symbol.st_name] : "";
  }
};

Elf read_elf(const std::filesystem::path& path) {
  const auto file = read_file(path);
  const auto where = path.string();
  const auto header = read_array<Elf64_Ehdr>(file, 0, 1, where).front();
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64) {
    die(where, "is not a 64-bit ELF file");
  }
  Elf elf;
  for (const auto& segment : read_array<Elf64_Phdr>(file, header.e_phoff, header.e_phnum, where)) {
    if (segment.p_type == PT_LOAD) elf.base = std::min(elf.base, segment.p_vaddr);
  }
  const auto sections = read_array<Elf64_Shdr>(file, header.e_shoff, header.e_shnum, where);
  for (const auto& section : sections) {
    if (section.sh_type != SHT_SYMTAB || section.sh_link >= sections.size()) continue;
    const auto& names = sections[section.sh_link];
    elf.names = read_array<char>(file, names.sh_offset, names.sh_size, where);
    elf.names.push_back('\0');
    elf.symbols = read_array<Elf64_Sym>(file, section.sh_offset, section.sh_size / sizeof(Elf64_Sym), where);
  }
  return elf;
}

}  // namespace

void write_symbols(const std::filesystem::path& path, const std::filesystem::path& assembly) {
  const auto elf = read_elf(path);
  std::map<std::uint64_t, std::string> functions;
  for (const auto& symbol : elf.symbols) {
    if (ELF64_ST_TYPE(symbol.st_info) != STT_FUNC || symbol.st_shndx == SHN_UNDEF) continue;
    if (symbol.st_value < elf.base || symbol.st_value - elf.base > UINT32_MAX) continue;
    const std::string candidate = short_name(elf.name(symbol));
    std::string& known = functions[symbol.st_value - elf.base];
    // Of aliases, the shortest, then the first in the alphabet: the same from every build.
    if (known.empty() || std::pair(candidate.size(), candidate) < std::pair(known.size(), known)) known = candidate;
  }

  std::ostringstream out;
  out << ".section .symbols, \"a\"\n.balign 8\n.global so3_symbol_table\nso3_symbol_table:\n.word " << functions.size()
      << '\n';
  for (const auto& [offset, unused] : functions) out << ".word " << offset << '\n';
  for (const auto& [unused, function] : functions) out << ".asciz \"" << function << "\"\n";
  write_file(assembly, out.str());
}

bool defines_symbol(const std::filesystem::path& path, std::string_view wanted) {
  const auto elf = read_elf(path);
  return std::ranges::any_of(
      elf.symbols, [&](const Elf64_Sym& symbol) { return symbol.st_shndx != SHN_UNDEF && elf.name(symbol) == wanted; });
}

}  // namespace capsule_tool
