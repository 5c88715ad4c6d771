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
    if (depth == 0 && c == ' ')
      name.clear();  // what came before was the return type
    else if (depth == 0)
      name += c;
    if (c == '>') --depth;
  }
  return name;
}

}  // namespace

void write_symbols(const std::filesystem::path& elf, const std::filesystem::path& assembly) {
  const auto file = read_file(elf);
  const auto name = elf.string();
  const auto header = read_array<Elf64_Ehdr>(file, 0, 1, name).front();
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64) {
    die(name, "is not a 64-bit ELF file");
  }
  std::uint64_t base = UINT64_MAX;
  for (const auto& segment : read_array<Elf64_Phdr>(file, header.e_phoff, header.e_phnum, name)) {
    if (segment.p_type == PT_LOAD) base = std::min(base, segment.p_vaddr);
  }

  std::map<std::uint64_t, std::string> functions;
  const auto sections = read_array<Elf64_Shdr>(file, header.e_shoff, header.e_shnum, name);
  for (const auto& section : sections) {
    if (section.sh_type != SHT_SYMTAB || section.sh_link >= sections.size()) continue;
    const auto& names = sections[section.sh_link];
    auto strings = read_array<char>(file, names.sh_offset, names.sh_size, name);
    strings.push_back('\0');
    const auto symbols = read_array<Elf64_Sym>(file, section.sh_offset, section.sh_size / sizeof(Elf64_Sym), name);
    for (const auto& symbol : symbols) {
      if (ELF64_ST_TYPE(symbol.st_info) != STT_FUNC || symbol.st_shndx == SHN_UNDEF) continue;
      if (symbol.st_value < base || symbol.st_value - base > UINT32_MAX || symbol.st_name >= strings.size()) continue;
      std::string candidate = short_name(&strings[symbol.st_name]);
      std::string& known = functions[symbol.st_value - base];
      // Of aliases, the shortest, then the first in the alphabet: the same from every build.
      if (known.empty() || std::pair(candidate.size(), candidate) < std::pair(known.size(), known)) known = candidate;
    }
  }

  std::ostringstream out;
  out << ".section .symbols, \"a\"\n.balign 8\n.global so3_symbol_table\nso3_symbol_table:\n.word " << functions.size()
      << '\n';
  for (const auto& [offset, unused] : functions) out << ".word " << offset << '\n';
  for (const auto& [unused, function] : functions) out << ".asciz \"" << function << "\"\n";
  write_file(assembly, out.str());
}

}  // namespace capsule_tool
