# Sourced by ./me. With sudo, what is fetched and built still belongs to whom the tree belongs: only apt works as root,
# and the verbs on smart objects, which sudo was meant for.

# The user behind sudo, if the tree is theirs.
owner_behind_sudo() {
  local owner
  ((EUID == 0)) || return 1
  owner=$(stat -c %u "$root")
  ((owner != 0)) && [[ ${SUDO_UID-} == "$owner" ]] && echo "$owner"
}

as_owner() {  # COMMAND...
  setpriv --reuid="$owner" --regid="${SUDO_GID:-$owner}" --clear-groups \
    env HOME="$(getent passwd "$owner" | cut -d: -f6)" "$@"
}
