#!/usr/bin/env bash
# Starts a built gateway as its image does, and drains it with SIGTERM: user 1654 without any capability, the whole file system read-only but for /data, no shell around it.
#   eng/images/smoke.sh FOLDER PORT       FOLDER has Admission.Frontend.dll; the gateway stands in front of its own sample backend (two places, 200 ms each)
# It is the process of the image, not the image: no base image can be had without a registry. Needs root and namespaces of its own; exit code 77 says what is missing.
set -euo pipefail
app=$1 port=$2

missing() { echo "Not run: $1"; exit 77; }
(( EUID == 0 )) || missing "needs root"
for tool in unshare setpriv mount curl dotnet; do command -v "$tool" >/dev/null || missing "needs $tool"; done
unshare -m true 2>/dev/null || missing "may not make a mount namespace (unshare -m)"

home=$(mktemp -d)
gateway=0
trap '(( gateway == 0 )) || kill -KILL "$gateway" 2>/dev/null || true; rm -rf "$home"' EXIT
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
exec "${as[@]}" env -i DOTNET_EnableDiagnostics=0 Admission__DataFolder="$home/data" ASPNETCORE_URLS="http://127.0.0.1:$port" "$dotnet" "$home/app/Admission.Frontend.dll"
INSIDE
home=$home port=$port dotnet=$dotnet unshare -m bash "$home/inside" >"$home.log" 2>&1 &
gateway=$!
trap '(( gateway == 0 )) || kill -KILL "$gateway" 2>/dev/null || true; rm -rf "$home" "$home.log"' EXIT

fail() { echo "$1"; cat "$home.log"; exit 1; }
until curl -sf "http://127.0.0.1:$port/health/ready" >/dev/null; do
  kill -0 "$gateway" 2>/dev/null || fail "It has ended."
  (( SECONDS < 60 )) || fail "It is not ready within a minute."
  sleep 0.1
done
grep -qP '^Uid:\s1654\s1654' "/proc/$gateway/status" || fail "It runs as somebody else."
grep -qP '^CapEff:\s0+$' "/proc/$gateway/status" || fail "It has capabilities."

# Two are inside (200 ms each), the others wait. SIGTERM: those inside finish, the others are refused, nobody is cut off, the process ends by itself.
answers=$home.answers
for _ in {1..12}; do curl -s -o /dev/null -w '%{http_code}\n' "http://127.0.0.1:$port/" >>"$answers" & clients+=($!); done
until curl -s "http://127.0.0.1:$port/admission/v1/backends/sample" | grep -q '"inUse":2'; do
  (( SECONDS < 90 )) || fail "Nobody is inside."
done
kill -TERM "$gateway"
ready=$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/health/ready" || true)
for client in "${clients[@]}"; do wait "$client" || fail "A request was cut off."; done
code=0
wait "$gateway" || code=$?
gateway=0
[[ $ready == 503 || $ready == 000 ]] || fail "It says that it is ready ($ready) after SIGTERM."
finished=$(grep -c 200 "$answers" || true)
(( finished >= 2 )) && ! grep -qvE '^(200|503)$' "$answers" || fail "What was inside has not finished: $(tr '\n' ' ' <"$answers")"
rm -f "$answers"
(( code == 0 )) || fail "It ended with $code."
echo "As user 1654, on a read-only file system: ready, drained (readiness $ready, $finished of 12 requests finished, the others refused), ended with 0."
