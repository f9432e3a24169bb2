# shellcheck shell=bash
# Installs what a fresh Debian or Ubuntu machine lacks, by package name, without starting any of the services that those
# packages bring. Sourced by deploy/test and deploy/demo.
#
#   packages_need COMMAND PACKAGE [PACKAGE...]   note that COMMAND is needed; the first PACKAGE that apt knows brings it
#   packages_install                             install all that was noted and is missing, in one go
#   postgres_bindir                              print the directory of the newest PostgreSQL's server programs
#   jdk_home                                     print the home of a JDK of at least 21, or fail in silence

# Where Debian puts haproxy and ip; users other than root do not have these in their PATH.
export PATH=$PATH:/usr/sbin:/sbin

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
    # Signatures of Debian's packages, which another distribution may bring too.
    debian-keys) [ -r /usr/share/keyrings/debian-archive-keyring.gpg ] && return 0 ;;
    *) command -v "$command" >/dev/null && return 0 ;;
  esac
  packages_missing+=("$command:$*")
}

# The services stay off: a policy-rc.d that forbids starts is put in place for the time of the installation only, and what
# was not enabled before does not start with the machine either.
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
    [ -n "$found" ] || fail "$(packages_unknown "${entry%%:*}" "${entry#*:}")"
    chosen+=("$found")
  done
  local enabled
  enabled=$(packages_services)
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
  packages_disable_all_but "$enabled" "${sudo[@]}"
  packages_missing=()
}

packages_unknown() {
  case $1 in
    jdk)
      printf '%s\n' "This release of Debian or Ubuntu has no JDK of at least 21: add Adoptium's apt source as" \
        "https://adoptium.net/installation/linux says and run this again (it then installs temurin-25-jdk)," \
        "or use Debian 13 or Ubuntu 22.04 or later." | paste -sd ' ' ;;
    *) printf "No package brings '%s' here (tried: %s).\n" "$1" "$2" ;;
  esac
}

# Of the services that our packages bring: those that start with the machine.
packages_services() {
  local link
  for link in /etc/systemd/system/*.wants/{etcd,haproxy,patroni,postgresql}.service; do
    if [ -L "$link" ]; then basename "$link"; fi
  done
}

# packages_disable_all_but SERVICES [SUDO]
packages_disable_all_but() {
  local before=$1 service
  shift
  command -v systemctl >/dev/null || return 0
  for service in $(packages_services); do
    case $'\n'$before$'\n' in *$'\n'"$service"$'\n'*) continue ;; esac
    if "$@" systemctl --quiet disable "$service" 2>/dev/null; then
      say "$service was just installed and does not start with the machine; systemctl enable $service changes that."
    fi
  done
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
