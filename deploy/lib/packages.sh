# shellcheck shell=bash
# Installs what a fresh Debian or Ubuntu machine lacks, by package name, without starting any of the services that those
# packages bring. Sourced by deploy/test and deploy/demo.
#
#   packages_need COMMAND PACKAGE [PACKAGE...]   note that COMMAND is needed; the first PACKAGE that apt knows brings it
#   packages_install                             install all that was noted and is missing, in one go
#   postgres_bindir                              print the directory of the newest PostgreSQL's server programs
#   jdk_home                                     print the home of a JDK of at least 21, or fail in silence

packages_missing=()

say() { printf '%s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

packages_apt_knows() {
  apt-cache show --no-all-versions "$1" >/dev/null 2>&1
}

packages_need() {
  local command=$1
  shift
  case $command in
    postgres) postgres_bindir >/dev/null && return 0 ;;
    jdk) jdk_home >/dev/null && return 0 ;;
    # A library of the system's Python: patroni needs one of several such.
    python3-etcd) /usr/bin/python3 -c 'import etcd' 2>/dev/null && return 0 ;;
    *) PATH=$PATH:/usr/sbin:/sbin command -v "$command" >/dev/null && return 0 ;;
  esac
  packages_missing+=("$command:$*")
}

# The services stay off: a policy-rc.d that forbids starts is put in place for the time of the installation only.
packages_install() {
  [ ${#packages_missing[@]} -eq 0 ] && return 0
  local names="${packages_missing[*]%%:*}"
  command -v apt-get >/dev/null || fail "Missing: $names. This machine has no apt-get: please install them by hand."
  local sudo=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail "Missing: $names. Run this once as root, or install them by hand."
    sudo=(sudo)
  fi
  say "Installing what is missing: $names"
  "${sudo[@]}" apt-get -q update >/dev/null || say "apt-get update failed; going on with the package lists at hand"
  local entry candidate chosen=() found
  for entry in "${packages_missing[@]}"; do
    found=
    for candidate in ${entry#*:}; do
      if packages_apt_knows "$candidate"; then found=$candidate; break; fi
    done
    [ -n "$found" ] || fail "No package brings '${entry%%:*}' here (tried: ${entry#*:})."
    chosen+=("$found")
  done
  (
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
      trap '"${sudo[@]}" rm -f "$policy"' EXIT
      printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee "$policy" >/dev/null
      "${sudo[@]}" chmod 755 "$policy"
    fi
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get -q -y --no-install-recommends install "${chosen[@]}" >&2
  ) || fail "apt-get could not install: ${chosen[*]}"
  packages_missing=()
}

postgres_bindir() {
  local dir newest=
  for dir in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V); do
    [ -x "$dir/postgres" ] && newest=$dir
  done
  [ -n "$newest" ] && printf '%s\n' "$newest"
}

jdk_home() {
  local home version
  for home in "${JAVA_HOME:-}" /usr/lib/jvm/*; do
    if [ ! -x "$home/bin/javac" ] || [ ! -r "$home/release" ]; then continue; fi
    version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$home/release")
    if [ "${version:-0}" -ge 21 ]; then printf '%s\n' "$home"; return 0; fi
  done
  return 1
}
