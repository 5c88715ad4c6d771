# Sourced by ./me. Configures and builds presets; silent when all is up to date.

build() {  # PRESET...
  local preset
  mkdir -p "$root/build/setup" || die "$exit_environment" "$root/build cannot be written."
  [[ -w $root/build/setup ]] || die "$exit_environment" "$root/build belongs to another user." \
    "sudo chown -R $(id -un) '$root/build'"
  exec 8>"$root/build/setup/lock"
  flock -n 8 || { say "waiting for another build"; flock 8; }
  for preset; do build_preset "$preset"; done
  exec 8>&-
}

build_preset() {  # PRESET
  local preset=$1 folder=$root/build/$1 log=$root/build/setup/$1.log
  # A moved or copied repository: what was built there cannot be built on.
  if [[ -f $folder/CMakeCache.txt ]] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$folder/CMakeCache.txt"; then
    say "build/$preset is from another place; building anew"
    rm -rf "$folder"
  fi
  # CMake keeps the flags of the first time; they are the work of these two files.
  local stamp=$folder/configured
  if [[ ! -f $stamp || $root/CMakePresets.json -nt $stamp || $root/toolchain/aarch64-baremetal.cmake -nt $stamp ]]; then
    say "configuring $preset"
    (cd "$root" && cmake --fresh --preset "$preset") >"$log" 2>&1 8>&- || {
      cat "$log" >&2
      die "$exit_failed" "CMake could not configure '$preset' (output above)."
    }
    touch "$stamp"
  fi
  ninja -C "$folder" 2>&1 8>&- | show_build "$preset" ||
    die "$exit_failed" "'$preset' could not be built (errors above)."
}

# Ninja's lines as a progress line; what is not progress is shown as it is.
show_build() {  # PRESET
  local line announced=''
  while IFS= read -r line; do
    case $line in
      '[0/'*'Re-checking globbed directories'* | 'ninja: Entering directory'* | 'ninja: no work to do.' | '-- '*) ;;
      '['*/*']'*)
        [[ $announced ]] || { say "building $1"; announced=1; }
        progress "$1 $line"
        ;;
      *)
        progress_end
        printf '%s\n' "$line" >&2
        ;;
    esac
  done
  progress_end
}
