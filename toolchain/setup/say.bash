# Sourced by ./me. Messages go to stderr; exit codes are those of the program (tools/me/help/me.txt).
exit_failed=1 exit_usage=2 exit_environment=7

say() { printf 'me: %s\n' "$@" >&2; }
die() {  # EXIT_CODE LINE...
  local code=$1
  shift
  say "$@"
  exit "$code"
}

# One line that changes on a terminal; nothing elsewhere, so that logs stay short.
progress() { [[ ! -t 2 ]] || { local line="$*"; printf '\r\e[Kme: %s' "${line:0:75}" >&2; }; }
progress_end() { [[ ! -t 2 ]] || printf '\r\e[K' >&2; }
