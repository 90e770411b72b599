# Shared by the benchmarks' scripts: starts processes on free loopback ports and ends them by id.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_gcServer=0

work=$(mktemp -d)
started=()

end_all() {
  local pid
  for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
  for pid in "${started[@]}"; do wait "$pid" 2>/dev/null || true; done
  rm -rf "$work"
}
trap end_all EXIT
trap 'exit 130' INT TERM

need() {
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null || { echo "Missing: $tool (Debian package $tool). Install it and run this again." >&2; exit 1; }
  done
}

build() {
  local project
  for project in "$@"; do dotnet build -c Release -v quiet -nodeReuse:false "$project" >&2; done
}

# A free port below those that the kernel gives to outgoing connections.
free_port() {
  local port=$(( 10000 + RANDOM % 10000 ))
  while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$(( port + 1 )); done
  echo "$port"
}

# start NAME PORT DLL ARGUMENTS...: the program listens on PORT when it returns. Its id is in pid_NAME.
start() {
  local name=$1 port=$2 dll=$3
  shift 3
  (cd "$work" && exec dotnet "$dll" --urls "http://127.0.0.1:$port" "$@") >"$work/$name.log" 2>&1 </dev/null &
  started+=($!)
  declare -g "pid_$name=$!"
  wait_for "$name" "$port"
}

# wait_for NAME PORT: until the program started last listens there; ends the benchmark with its log if it does not.
wait_for() {
  local tries=0
  until (exec 3<>"/dev/tcp/127.0.0.1/$2") 2>/dev/null; do
    if (( ++tries > 300 )) || ! kill -0 "$!" 2>/dev/null; then
      echo "$1 does not start:" >&2
      cat "$work/$1.log" >&2
      exit 1
    fi
    sleep 0.1
  done
}

# The processor time that a process has used, in clock ticks of 10 ms.
ticks() { awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$1/stat"; }

median() { printf '%s\n' "$@" | sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

divide() { awk -v a="$1" -v b="$2" -v f="${3:-%.2f}" 'BEGIN { if (b > 0) printf f, a / b; else printf "-" }'; }

# dll FOLDER [ASSEMBLY]: a program of bench/ as it is built.
dll() { echo "$PWD/bench/$1/bin/Release/net10.0/${2:-$1}.dll"; }
gateway_dll="$PWD/src/Frontend/bin/Release/net10.0/Admission.Frontend.dll"
