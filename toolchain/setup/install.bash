# Sourced by ./me. Brings what is missing: lists it, asks, installs with apt, fetches the third-party libraries.

require() {  # KIND...
  local third_party=''
  [[ " $* " != *' target '* ]] || ! third_party_missing || third_party=1
  require_packages "$@"
  [[ ! $third_party ]] || fetch_third_party
  check_versions "$@"
}

# Says what else comes when `third_party` is set.
require_packages() {  # KIND...
  local packages third_party=${third_party-} log=$root/build/setup/install.log
  mapfile -t packages < <(missing_packages "$@" | sort -u)
  if ((${#packages[@]})) || [[ $third_party ]]; then
    announce
    mkdir -p "$root/build/setup" || die "$exit_environment" "$root/build cannot be written."
    ((${#packages[@]} == 0)) || install_packages
    mapfile -t packages < <(missing_packages "$@" | sort -u)
    ((${#packages[@]} == 0)) || die "$exit_environment" "still missing after the installation: ${packages[*]}"
  fi
}

announce() {
  ((${#packages[@]} == 0)) || say "needed and not here: ${packages[*]}"
  [[ ! $third_party ]] || say "to be fetched into build/third_party: libfdt, BearSSL, xxHash (arm64), tinyxml2 (source)"
  if ((${#packages[@]})) && ! command -v apt-get >/dev/null; then
    die "$exit_environment" "This Linux has no apt. Install what these Debian 12 packages hold: ${packages[*]}" \
      "Then run the same command again."
  fi
  [[ ! $yes && ${CI-} != true && -t 0 && -t 2 ]] || return 0
  local answer
  read -r -p 'me: go on? [Y/n] ' answer || answer=n
  [[ ! $answer || $answer == [yYjJoO]* ]] || die "$exit_environment" "nothing was changed."
}

install_packages() {
  local sudo=() line count=0
  if ((EUID != 0)); then
    command -v sudo >/dev/null || die "$exit_environment" "not root, and no sudo. As root: apt-get install ${packages[*]}"
    sudo=(sudo)
    # Asks for the password now, not behind the progress line.
    sudo -v || die "$exit_environment" "sudo refused. As root: apt-get install ${packages[*]}"
  fi
  say "installing (log: build/setup/install.log)"
  "${sudo[@]}" apt-get -q update >"$log" 2>&1 || say "apt-get update reports errors; going on with what apt knows"
  # A new package must not cost an old one: then apt fails, and says which.
  if ! "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends --no-remove \
    -o DPkg::Lock::Timeout=300 install "${packages[@]}" 2>&1 | tee -a "$log" | while IFS= read -r line; do
    case $line in
      'Get:'*) progress "fetching ${line#Get:}" ;;
      'Unpacking '* | 'Setting up '*) progress "$((++count)): ${line%% (*}" ;;
    esac
  done; then
    progress_end
    tail -n 15 "$log" >&2
    die "$exit_environment" "apt could not install what is needed (end of its output above; whole: $log)." \
      "Is the network up? Do the sources in /etc/apt have Debian's 'main'?"
  fi
  progress_end
  hash -r
  rm -f "$root"/build/*/configured  # CMake may find more now
}

fetch_third_party() {
  "$root/toolchain/third_party/setup" >&2 || die "$exit_environment" "the third-party libraries are needed to go on."
}
