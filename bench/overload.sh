#!/usr/bin/env bash
# Ten times the capacity: a backend with 8 workers and 50 ms of work (160/s), offered 1,600/s at a fixed rate by clients that
# leave after a second, while their requests go on in the backend. The ideal is measured: what the backend does alone when it
# is never idle (a sleep of 50 ms takes a little longer). Medians of three, interleaved. Prints a Markdown table.
source "$(dirname "$0")/common.sh"
need awk curl wrk
seconds=${SECONDS_EACH:-10}
runs=${RUNS:-3}
workers=8 work_ms=50 patience_ms=1000
nominal=$(( workers * 1000 / work_ms ))
offered=$(( nominal * 10 ))
build bench/FastBackend bench/PlainYarp bench/OpenLoop src/Frontend

names=("plain YARP" "Admission, refuse" "Admission, wait 0.5 s")
declare -A rows greatest
alone=()

run() {
  local name=$1 backend_port front_port out
  backend_port=$(free_port)
  start backend "$backend_port" "$(dll FastBackend)" --workers "$workers"
  front_port=$(free_port)
  alone+=("$(wrk -t 1 -c $(( workers * 2 )) -d 3s "http://127.0.0.1:$backend_port/work?ms=$work_ms" | awk '/Requests\/sec/ { print $2 }')")
  curl -s "http://127.0.0.1:$backend_port/greatest" >/dev/null # from here on
  local to=(--to "http://127.0.0.1:$backend_port")
  case $name in
    "plain YARP") start front "$front_port" "$(dll PlainYarp)" "${to[@]}" ;;
    *refuse) start front "$front_port" "$gateway_dll" "${to[@]}" --limit "$workers" --data "$work/data$RANDOM" ;;
    *) start front "$front_port" "$gateway_dll" "${to[@]}" --limit "$workers" --queue 100 --max-wait 500ms --data "$work/data$RANDOM" ;;
  esac
  dotnet "$(dll OpenLoop)" "$front_port" "$nominal" 2 "$work_ms" "$patience_ms" >/dev/null # warm
  out=$(dotnet "$(dll OpenLoop)" "$front_port" "$offered" "$seconds" "$work_ms" "$patience_ms")
  rows[$name]+="$out"$'\n'
  greatest[$name]+=" $(curl -s "http://127.0.0.1:$backend_port/greatest")"
  stop "$pid_front"
  stop "$pid_backend"
}

# A backend with a backlog of minutes need not work it off.
stop() { kill -9 "$1"; wait "$1" 2>/dev/null || true; }

for (( i = 0; i < runs; i++ )); do
  for name in "${names[@]}"; do run "$name"; done
done

column() { median $(awk -v c="$2" 'NF { print $c }' <<<"${rows[$1]}"); }

ideal=$(median "${alone[@]}")
echo "| in front of the backend | served in time/s | of the ideal $ideal/s | refused/s | left unserved/s | other/s | served p50, p99 ms | refused p50, p99 ms | most at the backend |"
echo "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
for name in "${names[@]}"; do
  # shellcheck disable=SC2086
  printf '| %s | %s | %s | %s | %s | %s | %s, %s | %s, %s | %s |\n' "$name" "$(column "$name" 1)" \
    "$(divide "$(column "$name" 1)" "$ideal")" "$(column "$name" 2)" "$(column "$name" 3)" "$(column "$name" 4)" \
    "$(column "$name" 5)" "$(column "$name" 6)" "$(column "$name" 7)" "$(column "$name" 8)" "$(median ${greatest[$name]})"
done
