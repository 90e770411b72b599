#!/usr/bin/env bash
# The gateway against plain YARP and against no proxy, on a backend that answers at once: what admission costs.
# Interleaved runs of wrk, medians of three. Prints a Markdown table. About five minutes; SECONDS_EACH=2 makes it quicker.
source "$(dirname "$0")/common.sh"
need wrk awk
seconds=${SECONDS_EACH:-8}
runs=${RUNS:-3}
build bench/FastBackend bench/PlainYarp src/Frontend

backend_port=$(free_port)
start direct "$backend_port" "$(dll FastBackend)"
yarp_port=$(free_port)
start yarp "$yarp_port" "$(dll PlainYarp)" --to "http://127.0.0.1:$backend_port"
gateway_port=$(free_port)
start gateway "$gateway_port" "$gateway_dll" --to "http://127.0.0.1:$backend_port" --limit 1000 --data "$work/data"

declare -A port=([direct]=$backend_port [yarp]=$yarp_port [gateway]=$gateway_port)
declare -A rate p50 p99 cpu

# measure NAME CONNECTIONS SECONDS: appends what one run of wrk saw to the four tables.
measure() {
  local name=$1 connections=$2 pid=pid_$1 key="$1 $2" before after out requests
  before=$(ticks "${!pid}")
  out=$(wrk -t 2 -c "$connections" -d "${3}s" --latency "http://127.0.0.1:${port[$name]}/")
  after=$(ticks "${!pid}")
  if grep -qE 'Non-2xx|Socket errors' <<<"$out"; then echo "$key: $out" >&2; exit 1; fi
  requests=$(awk '/requests in/ { print $1 }' <<<"$out")
  rate[$key]+=" $(awk '/Requests\/sec/ { print $2 }' <<<"$out")"
  p50[$key]+=" $(milliseconds '50%' <<<"$out")"
  p99[$key]+=" $(milliseconds '99%' <<<"$out")"
  cpu[$key]+=" $(awk -v t=$(( after - before )) -v n="$requests" 'BEGIN { print t * 10000 / n }')"
}

milliseconds() {
  awk -v q="$1" '$1 == q { v = $2 + 0; print $2 ~ /us$/ ? v / 1000 : $2 ~ /ms$/ ? v : v * 1000 }'
}

for name in direct yarp gateway; do measure "$name" 64 3; done # warm: compiled and connected
rate=() p50=() p99=() cpu=()

for connections in 16 64 256; do
  for (( run = 0; run < runs; run++ )); do
    for name in direct yarp gateway; do measure "$name" "$connections" "$seconds"; done
  done
done

echo "| connections | in front of the backend | requests/s | p50 ms | p99 ms | CPU us/request | requests/s against plain YARP |"
echo "| --- | --- | --- | --- | --- | --- | --- |"
for connections in 16 64 256; do
  # shellcheck disable=SC2086 # the lists are meant to be split
  yarp=$(median ${rate["yarp $connections"]})
  for name in direct yarp gateway; do
    key="$name $connections"
    # shellcheck disable=SC2086
    printf '| %s | %s | %.0f | %.2f | %.2f | %.1f | %s |\n' "$connections" "$name" "$(median ${rate[$key]})" \
      "$(median ${p50[$key]})" "$(median ${p99[$key]})" "$(median ${cpu[$key]})" "$(divide "$(median ${rate[$key]})" "$yarp")"
  done
done
echo
echo "CPU is that of the process named (for 'direct' the backend's own). $(nproc) cores, shared with wrk and the backend."
