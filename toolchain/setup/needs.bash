# Sourced by ./me. What each kind of work needs: a command, a file, or a header (<...>), and the package that has it.
# What is there counts, wherever it comes from; packages are only for what is missing.

needs_program=(cmake:cmake ninja:ninja-build c++:g++ '<boost/version.hpp>:boost' '<nlohmann/json.hpp>:nlohmann-json3-dev'
  '<CLI/CLI.hpp>:libcli11-dev' '<fmt/core.h>:libfmt-dev' '<spdlog/spdlog.h>:libspdlog-dev' '<zstd.h>:libzstd-dev'
  '<openssl/sha.h>:libssl-dev' '<libfdt.h>:libfdt-dev' '<bearssl.h>:libbearssl-dev' '<tinyxml2.h>:libtinyxml2-dev'
  '<xxhash.h>:libxxhash-dev')
needs_target=(aarch64-linux-gnu-g++:g++-aarch64-linux-gnu
  /usr/lib/picolibc/aarch64-linux-gnu/lib/libc.a:picolibc-aarch64-linux-gnu
  dtc:device-tree-compiler mkimage:u-boot-tools dpkg-source:dpkg-dev)
needs_machine=(qemu-system-aarch64:qemu-system-arm)
needs_tests=('<gtest/gtest.h>:libgtest-dev' '<gmock/gmock.h>:libgmock-dev' syslog-ng:syslog-ng-core spin:spin)
needs_coverage=(lcov:lcov)
needs_fuzz=(clang:clang)

header_folders=(/usr/include /usr/local/include /usr/include/*-linux-gnu)

header() {  # NAME: prints its path
  local folder
  for folder in "${header_folders[@]}"; do
    [[ ! -e $folder/$1 ]] || { echo "$folder/$1"; return; }
  done
  return 1
}

# The newest clang here that can compile the code: 19 or later.
clang_version() {
  local version
  for version in {25..19}; do
    ! command -v "clang++-$version" >/dev/null || [[ ! -d /usr/lib/llvm-$version/lib/clang/$version/lib/linux ]] ||
      { echo "$version"; return; }
  done
  return 1
}

has() {  # NEED
  case $1 in
    '<'*) header "${1:1:-1}" >/dev/null ;;
    /*) [[ -e $1 ]] ;;
    clang) clang_version >/dev/null ;;
    *) command -v "$1" >/dev/null || [[ -x /usr/sbin/$1 ]] ;;
  esac
}

smallest_from() { sort -n | awk -v least="$1" '$1 >= least { print; exit }'; }

# Packages whose names depend on the release. Before apt's lists are there: what Debian 12 has.
package_names() {  # PACKAGE
  local found
  case $1 in
    boost)
      found=$(apt-cache pkgnames libboost1. 2>/dev/null | sed -nE 's/^libboost1\.([0-9]+)-dev$/\1/p' | smallest_from 81)
      echo "libboost1.${found:-81}-dev"
      ;;
    clang)
      found=$(apt-cache pkgnames clang- 2>/dev/null | sed -nE 's/^clang-([0-9]+)$/\1/p' | smallest_from 19)
      echo "clang-${found:-19}" "libclang-rt-${found:-19}-dev"
      ;;
    *) echo "$1" ;;
  esac
}

missing_packages() {  # KIND...: one package per line
  local kind entry list
  for kind; do
    list="needs_$kind[@]"
    for entry in "${!list}"; do
      has "${entry%:*}" || package_names "${entry##*:}" | tr ' ' '\n'
    done
  done
}

third_party_missing() { ! "$root/toolchain/third_party/setup" --check; }

# Of what is there, what is too old to be used. Silent and quick when all is well.
check_versions() {  # KIND...
  local version
  if [[ " $* " == *' program '* ]]; then
    version=$(c++ -dumpversion)
    ((${version%%.*} >= 12)) || die "$exit_environment" "c++ is GCC $version; GCC 12 or later is needed (Debian 12 has it)."
    read -r _ _ version < <(grep -m1 'define BOOST_VERSION ' "$(header boost/version.hpp)")
    ((version >= 107400)) || die "$exit_environment" \
      "Boost is $((version / 100000)).$((version / 100 % 1000)); 1.74 or later is needed ($(package_names boost))."
  fi
  if [[ " $* " == *' target '* ]]; then
    version=$(aarch64-linux-gnu-g++ -dumpversion)
    ((${version%%.*} >= 12)) || die "$exit_environment" "aarch64-linux-gnu-g++ is GCC $version; 12 or later is needed."
  fi
  if [[ " $* " == *' machine '* ]]; then
    version=$(qemu_version) || die "$exit_environment" "qemu-system-aarch64 does not say its version."
    ((${version%%.*} > 7 || (${version%%.*} == 7 && ${version#*.} >= 2))) ||
      die "$exit_environment" "QEMU is $version; 7.2 or later is needed (package qemu-system-arm)."
  fi
}

# MAJOR.MINOR, asked once per QEMU: starting it takes longer than everything else here.
qemu_version() {
  local qemu stamp=$root/build/setup/qemu-version version
  qemu=$(command -v qemu-system-aarch64)
  if [[ ! $stamp -nt $qemu || $(sed -n 2p "$stamp") != "$qemu" ]]; then
    version=$("$qemu" --version | sed -nE '1s/.*version ([0-9]+\.[0-9]+).*/\1/p')
    [[ $version ]] || return 1
    mkdir -p "${stamp%/*}"
    printf '%s\n' "$version" "$qemu" >"$stamp"
  fi
  head -1 "$stamp"
}

# For `doctor` while the program does not exist yet.
report_needs() {
  local kind packages
  for kind in program target machine tests coverage fuzz; do
    packages=$(missing_packages "$kind" | paste -sd' ')
    say "$(printf '%-9s' "$kind") ${packages:+missing: }${packages:-ready}"
  done
  ! third_party_missing || say "third-party libraries for the target: not fetched yet"
  say "the program itself is not built yet: './me build' does all of this"
}
