#!/usr/bin/env bash
# Starts a built gateway or silo as its image does, and drains it with SIGTERM: user 1654 without any capability, the whole file system read-only but for a gateway's /data, no shell around it.
#   eng/images/smoke.sh frontend FOLDER PORT            FOLDER has Admission.Frontend.dll; the gateway stands in front of the sample of k8s/samples/model-server
#   eng/images/smoke.sh silo FOLDER PORT CONNECTION     FOLDER has Admission.Silo.dll; CONNECTION is an empty database's, to which the schema is applied first
# It is the process of the image, not the image: no base image can be had without a registry. Needs root and namespaces of its own; exit code 77 says what is missing.
set -euo pipefail
part=$1 app=$2 port=$3 connection=${4:-}

missing() { echo "Not run: $1"; exit 77; }
(( EUID == 0 )) || missing "needs root"
for tool in unshare setpriv mount curl python3 dotnet; do command -v "$tool" >/dev/null || missing "needs $tool"; done
unshare -m true 2>/dev/null || missing "may not make a mount namespace (unshare -m)"

home=$(mktemp -d)
process=0 backend=0
end() {
  (( process == 0 )) || kill -KILL "$process" 2>/dev/null || true
  (( backend == 0 )) || kill -TERM "$backend" 2>/dev/null || true
  rm -rf "$home" "$home.log" "$home.backend"
}
trap end EXIT
fail() { echo "$1"; cat "$home.log"; exit 1; }

mkdir "$home/config" "$home/data"
cp -r "$app" "$home/app"
chmod -R a+rX "$home"
dotnet=$(readlink -f "$(command -v dotnet)")

cat >"$home/inside" <<'INSIDE'
set -e
mount --make-rprivate /
mount -t tmpfs -o uid=1654,gid=1654,mode=0700,size=64m none "$home/data"
# Every mount, last ones first: what lies below the root may be one of its own.
while read -r _ _ _ _ target _; do
  case $target in "$home/data" | /proc* | /sys* | /dev*) ;; *) mount -o remount,bind,ro "$target" 2>/dev/null || true ;; esac
done </proc/self/mountinfo
as=(setpriv --reuid=1654 --regid=1654 --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all)
for place in "$home/app/x" "$home/config/x" /tmp/x; do
  if "${as[@]}" touch "$place" 2>/dev/null; then echo "$place can be written"; exit 1; fi
done
cd "$home/config"
# The image has no data about cultures, and its base says so.
exec "${as[@]}" env -i DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=true DOTNET_EnableDiagnostics=0 "$@"
INSIDE

# Runs as in the image, with the variables and the command line that follow.
inside() { home=$home exec unshare -m bash "$home/inside" "$@"; }

ready() { curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/health/ready" || true; }

# Waits until the process is ready, and looks at whose it is.
await_ready() {
  until [[ $(ready) == 200 ]]; do
    kill -0 "$process" 2>/dev/null || fail "It has ended."
    (( SECONDS < 90 )) || fail "It is not ready within a minute and a half."
    sleep 0.1
  done
  grep -qP '^Uid:\s1654\s1654' "/proc/$process/status" || fail "It runs as somebody else."
  grep -qP '^CapEff:\s0+$' "/proc/$process/status" || fail "It has capabilities."
}

# Waits for the end, which must be a good one.
await_end() {
  local code=0
  wait "$process" || code=$?
  process=0
  (( code == 0 )) || fail "It ended with $code."
}

if [[ $part == silo ]]; then
  database=("Cluster__ConnectionString=$connection")
  (inside "${database[@]}" "$dotnet" "$home/app/Admission.Silo.dll" --apply-schema=1m) >"$home.log" 2>&1 || fail "The schema was not applied."
  (inside "${database[@]}" Cluster__AdvertisedAddress=127.0.0.1 ASPNETCORE_URLS="http://127.0.0.1:$port" "$dotnet" "$home/app/Admission.Silo.dll") >"$home.log" 2>&1 &
  process=$!
  await_ready
  kill -TERM "$process"
  until [[ $(ready) != 200 ]]; do
    (( SECONDS < 110 )) || fail "It says that it is ready after SIGTERM."
  done
  await_end
  grep -q 'Leaving the cluster' "$home.log" || fail "It has not left the cluster."
  echo "As user 1654, on a read-only file system: schema applied, ready, left the cluster, ended with 0."
  exit
fi

# One request takes it 3 s, so there is time to look.
server=$(dirname "$0")/../../k8s/samples/model-server/server.py
PORT=0 SECONDS_EACH=3 python3 -B "$server" >"$home.backend" 2>&1 &
backend=$!
until grep -q 'serving on' "$home.backend"; do
  (( SECONDS < 30 )) || { echo "The backend does not start."; exit 1; }
  sleep 0.05
done
to=http://127.0.0.1:$(sed 's/serving on //' "$home.backend")
(inside Admission__DataFolder="$home/data" ASPNETCORE_URLS="http://127.0.0.1:$port" "$dotnet" "$home/app/Admission.Frontend.dll" --to "$to" --limit 1) >"$home.log" 2>&1 &
process=$!
await_ready

# One is inside. SIGTERM: it is not ready any more at once, what is inside finishes, the process ends by itself.
model=$(curl -s "http://127.0.0.1:$port/admission/v1/backends" | sed 's/.*"id":"\([^"]*\)".*/\1/')
curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/" >"$home/answer" &
client=$!
until curl -s "http://127.0.0.1:$port/admission/v1/backends/$model" | grep -q '"inUse":1'; do
  (( SECONDS < 110 )) || fail "Nobody is inside."
done
kill -TERM "$process"
until [[ $(ready) == 503 ]]; do
  kill -0 "$client" 2>/dev/null || fail "It says that it is ready after SIGTERM."
done
wait "$client" || fail "What was inside was cut off."
await_end
[[ $(<"$home/answer") == 200 ]] || fail "What was inside has not finished: $(<"$home/answer")"
echo "As user 1654, on a read-only file system: ready, drained (readiness 503 at once, the request inside finished with 200), ended with 0."
