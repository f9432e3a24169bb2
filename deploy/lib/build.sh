# shellcheck shell=bash
# shellcheck disable=SC2154  # here is set by the script that sources this
# Builds Matriarch when there is something to build. Needs $here (the folder deploy) and packages.sh.
#
#   build_if_needed [FILE...]   build unless what is built, and each FILE, is there and newer than all sources

build_marker() { printf '%s\n' "$here/target/built-by-script"; }

# Maven leaves a jar alone whose content is the same, so the time of our own last build counts too.
build_is_current() {
  local file newest=$here/target/tool/ejb-ha.jar
  for file in "$newest" "$here/target/server/jboss-modules.jar" "$@"; do
    [ -r "$file" ] || return 1
  done
  if [ "$(build_marker)" -nt "$newest" ]; then newest=$(build_marker); fi
  [ -z "$(find "$(dirname "$here")" \( -name target -o -name .git -o -name docs \) -prune -o -type f \
    \( -name '*.java' -o -name '*.xml' -o -name '*.properties' -o -path '*/src/main/*' -o -path '*/provisioning/*' \) \
    -newer "$newest" -print -quit)" ]
}

build_if_needed() {
  local jdk
  build_is_current "$@" && return 0
  jdk=$(jdk_home) || fail "There is no JDK of at least 21."
  say "Building Matriarch (a few minutes) ..."
  (cd "$here/.." && JAVA_HOME=$jdk ./mvnw -q -DskipTests package) || fail "The build failed."
  touch "$(build_marker)"
}
