#!/usr/bin/env bash
# Clients that leave after 200 ms, twice as many as the backend can serve (8 workers, 50 ms: 160/s), and a queue of 1,000 places and 30 s:
# Admission as it is by default, with Queue:Patience Off, and HAProxy with the same limit and queue. The backend does not notice
# who has left. Prints a Markdown table. A minute, and the builds before it.
source "$(dirname "$0")/common.sh"
need awk curl haproxy
seconds=${SECONDS_EACH:-12}
workers=8 work_ms=50 patience_ms=200 offered=320
build bench/FastBackend bench/OpenLoop src/Frontend

echo "| in front of the backend | served in time/s | of the backend's work for nothing | refused/s | left unserved/s | served p50, p99 ms | most at the backend |"
echo "| --- | --- | --- | --- | --- | --- | --- |"

run() {
  local name=$1 backend_port front_port out worked
  backend_port=$(free_port)
  start backend "$backend_port" "$(dll FastBackend)" --workers "$workers"
  front_port=$(free_port)
  local gateway=("$gateway_dll" --to "http://127.0.0.1:$backend_port" --limit "$workers" --queue 1000 --max-wait 30s --data "$work/data$RANDOM")
  case $name in
    HAProxy) start_haproxy "$front_port" "$backend_port" ;;
    *Off) start front "$front_port" "${gateway[@]}" --Admission:Backends:backend:Queue:Patience Off ;;
    *) start front "$front_port" "${gateway[@]}" ;;
  esac
  dotnet "$(dll OpenLoop)" "$front_port" 40 2 "$work_ms" 5000 >/dev/null # warm, and with no load to speak of
  curl -s "http://127.0.0.1:$backend_port/worked" "http://127.0.0.1:$backend_port/greatest" >/dev/null # from here on
  out=$(dotnet "$(dll OpenLoop)" "$front_port" "$offered" "$seconds" "$work_ms" "$patience_ms")
  sleep 1 # what is inside ends
  worked=$(curl -s "http://127.0.0.1:$backend_port/worked")
  awk -v n="$name" -v w="$worked" -v g="$(curl -s "http://127.0.0.1:$backend_port/greatest")" '{
    printf "| %s | %s | %.1f %% | %s | %s | %s, %s | %s |\n", n, $1, w > 0 ? 100 * (1 - $9 / w) : 0, $2, $3, $5, $6, g }' <<<"$out"
  stop "$pid_front"
  stop "$pid_backend"
}

stop() { kill -9 "$1"; wait "$1" 2>/dev/null || true; }

start_haproxy() {
  cat >"$work/haproxy.cfg" <<CONFIG
global
  maxconn 4000
defaults
  mode http
  option abortonclose
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  timeout queue 30s
frontend all
  bind 127.0.0.1:$1
  default_backend one
backend one
  server one 127.0.0.1:$2 maxconn $workers maxqueue 1000
CONFIG
  haproxy -f "$work/haproxy.cfg" -db >"$work/haproxy.log" 2>&1 </dev/null &
  pid_front=$!
  started+=("$pid_front")
  wait_for haproxy "$1"
}

for name in "Admission" "Admission, Queue:Patience Off" HAProxy; do run "$name"; done
