# shellcheck shell=bash
# A runnable PostgreSQL 17 for tests, also where the system's own is older: Debian's packages, fetched and checked by apt with directories of
# its own, unpacked beside the system and bound to the libraries that they came with. Needs packages.sh, patchelf and Debian's archive keys.
#
#   postgres17_bindir   print the directory of its programs, after having made it if necessary; or fail and say why

postgres17_source='http://deb.debian.org/debian trixie main'
postgres17_keys=/usr/share/keyrings/debian-archive-keyring.gpg

# Survives "mvnw clean". What the system's administrator runs, user postgres has to be able to read.
postgres17_cache() {
  if [ "$(id -u)" -eq 0 ]; then
    printf '/var/cache/matriarch-test\n'
  else
    printf '%s/matriarch-test\n' "${XDG_CACHE_HOME:-$HOME/.cache}"
  fi
}

postgres17_runs() { "$1/postgres" --version 2>/dev/null | grep -q ' 17\.'; }

# The interpreter and the libraries are named by their final place, hence it runs only there.
postgres17_bind() {
  local root=$1 final=$2 program interpreter libraries
  interpreter=$(patchelf --print-interpreter "$root/usr/lib/postgresql/17/bin/postgres")
  [ -e "$root/usr$interpreter" ] || { say "libc6 brought no usr$interpreter"; return 1; }
  libraries=$(dirname "$(find "$root/usr/lib" -maxdepth 2 -name libc.so.6)")
  [ "$libraries" != . ] || { say "libc6 brought no libc.so.6"; return 1; }
  for program in "$root"/usr/lib/postgresql/17/bin/*; do
    # A script among them has no interpreter of this kind.
    patchelf --print-interpreter "$program" >/dev/null 2>&1 || continue
    patchelf --set-interpreter "$final/usr$interpreter" --force-rpath --set-rpath "$final/${libraries#"$root"/}" "$program" || return 1
  done
}

postgres17_make() {
  local final=$1 made=$2 package own
  mkdir -p "$made"/{state/lists/partial,cache/archives/partial,etc,root} || return 1
  : >"$made/status"
  printf 'deb [signed-by=%s] %s\n' "$postgres17_keys" "$postgres17_source" >"$made/etc/sources.list"
  own=(-q -o "Dir::State=$made/state" -o "Dir::State::status=$made/status" -o "Dir::Cache=$made/cache"
    -o "Dir::Etc::SourceList=$made/etc/sources.list" -o "Dir::Etc::SourceParts=/dev/null" -o "Dir::Etc::PreferencesParts=/dev/null"
    -o APT::Sandbox::User= -o Debug::NoLocking=1 -o Acquire::Retries=3 -o Acquire::http::Timeout=30)
  if ! apt-get "${own[@]}" update >"$made/log" 2>&1 \
    || ! apt-get "${own[@]}" --no-install-recommends --download-only --yes install postgresql-17 >>"$made/log" 2>&1; then
    say "apt-get could not fetch postgresql-17 from $postgres17_source: $(grep -E -m 1 '^(E|W|Err):' "$made/log" || tail -n 1 "$made/log")"
    return 1
  fi
  for package in "$made"/cache/archives/*.deb; do
    case ${package##*/} in
      # The compiler of queries and the procedural languages, which no test needs, are most of it.
      libllvm* | libz3* | libperl* | locales_*) ;;
      lib* | postgresql-*) dpkg -x "$package" "$made/root" || return 1 ;;
    esac
  done
  rm -f "$made"/root/usr/lib/postgresql/17/lib/{llvmjit,plperl}.so
  find "$made/root/usr/share" -mindepth 1 -maxdepth 1 ! -name postgresql -exec rm -rf {} +
  postgres17_bind "$made/root" "$final" && chmod -R a+rX "$made/root"
}

postgres17_bindir() {
  local cache final bin made status=0
  bin=/usr/lib/postgresql/17/bin
  if postgres17_runs "$bin"; then printf '%s\n' "$bin"; return 0; fi
  cache=$(postgres17_cache)
  final=$cache/postgresql-17
  bin=$final/usr/lib/postgresql/17/bin
  mkdir -p "$cache" || return 1
  # One at a time: another run may be making the same.
  exec 9>"$cache/lock"
  flock -w 1800 9 || { say "Another run holds $cache/lock."; return 1; }
  if ! postgres17_runs "$bin"; then
    say "Fetching PostgreSQL 17 for the tests (once, about 90 MB) into $final ..."
    made=$(mktemp -d "$cache/making.XXXXXX")
    if ! postgres17_make "$final" "$made" || ! rm -rf "$final" || ! mv -T "$made/root" "$final"; then
      status=1
    elif ! postgres17_runs "$bin"; then
      say "What was unpacked in $final does not run."
      status=1
    fi
    rm -rf "$made"
  fi
  exec 9>&-
  [ "$status" -eq 0 ] && printf '%s\n' "$bin"
}
