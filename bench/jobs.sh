#!/usr/bin/env bash
# How many deferred jobs PostgreSQL and SQLite take in, each on disk before it is answered: bench/jobs.sh [SECONDS] [CLIENTS]
# PostgreSQL is Debian's, with its own settings (fsync and synchronous_commit on), in a temporary folder on this machine.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-10} clients=${2:-256}

programs=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)
folder=$(mktemp -d -p "${BENCH_FOLDER:-/var/tmp}")
port=$((20000 + RANDOM % 10000))
server=
stop() {
  [[ -n $server ]] && kill -INT "$server" && wait "$server" || true
  rm -rf "$folder"
}
trap stop EXIT

[[ ${BUILD:-1} == 0 ]] || dotnet build bench/Jobs -c Release -m:1 -nodeReuse:false -v quiet
bench=bench/Jobs/bin/Release/net10.0/Admission.Jobs.Bench.dll

as_postgres=()
if (( EUID == 0 )); then
  chmod 777 "$folder"
  as_postgres=(setpriv --reuid=postgres --regid=postgres --clear-groups --)
fi
"${as_postgres[@]}" "$programs/initdb" -D "$folder/data" -U admission --auth=trust -E UTF8 --locale=C >/dev/null
"${as_postgres[@]}" "$programs/postgres" -D "$folder/data" -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= >"$folder/log" 2>&1 &
server=$!
for _ in $(seq 100); do
  "$programs/pg_isready" -q -h 127.0.0.1 -p "$port" && break
  sleep 0.1
done
psql -q -h 127.0.0.1 -p "$port" -U admission -d postgres -f src/Silo/Sql/006_admission_jobs.sql

echo "PostgreSQL, $clients clients, $seconds s:"
dotnet "$bench" postgres "Host=127.0.0.1;Port=$port;Username=admission;Database=postgres" "$seconds" "$clients" "$(head -1 "$folder/data/postmaster.pid")"
echo "SQLite, $clients clients, $seconds s:"
dotnet "$bench" sqlite "$folder/sqlite" "$seconds" "$clients"
