# shellcheck shell=bash
# shellcheck disable=SC2154  # run_dir is set by the script that sources this
# Background processes that are known by a pid file and stopped by exactly that pid. The pid file also holds the process's start
# time, so that a pid that the kernel gave to somebody else meanwhile is never touched. Needs $run_dir.

process_start_time() { awk '{ sub(/.*\) /, ""); print $20 }' "/proc/$1/stat" 2>/dev/null; }

process_names() { [ -n "$1" ] && tr '\0' ' ' <"/proc/$1/cmdline" 2>/dev/null | grep -qF -- "$2"; }

# The pid of the named process, if it runs.
process_pid() {
  local pid started
  [ -r "$run_dir/$1.pid" ] || return 1
  read -r pid started <"$run_dir/$1.pid"
  [ -n "$started" ] && [ "$(process_start_time "$pid")" = "$started" ] && printf '%s\n' "$pid"
}

# process_start NAME LOG COMMAND...: start in a session of its own, unless it runs already.
process_start() {
  local name=$1 log=$2 pid
  shift 2
  process_pid "$name" >/dev/null && return 0
  setsid "$@" >>"$log" 2>&1 </dev/null &
  pid=$!
  printf '%s %s\n' "$pid" "$(process_start_time "$pid")" >"$run_dir/$name.pid"
}

process_gone_within() {
  local deadline=$((SECONDS + $1)) pid=$2
  while [ -d "/proc/$pid" ] && [ "$(awk '{ sub(/.*\) /, ""); print $1 }' "/proc/$pid/stat" 2>/dev/null)" != Z ]; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.1
  done
}

# process_stop NAME SECONDS: ask it to end, and kill it when it has not within that time.
process_stop() {
  local pid
  if pid=$(process_pid "$1"); then
    kill -TERM "$pid" 2>/dev/null || true
    process_gone_within "$2" "$pid" || kill -KILL "$pid" 2>/dev/null || true
  fi
  rm -f "$run_dir/$1.pid"
}

# await SECONDS WHAT COMMAND...: look until the command succeeds.
await() {
  local deadline=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    if [ "$SECONDS" -ge "$deadline" ]; then
      printf 'Gave up waiting for %s\n' "$what" >&2
      exit 1
    fi
    sleep 0.2
  done
}
