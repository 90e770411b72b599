# Shared by the parts: builds the programs that they start. Whatever is started, on loopback, is ended by the part's own program.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_gcServer=0

build() {
  local project
  for project in "$@"; do dotnet build -c Release -v quiet -nodeReuse:false "$project" >&2; done
}

# dll FOLDER [ASSEMBLY]: a program of bench/ as it is built.
dll() { echo "$PWD/bench/$1/bin/Release/net10.0/${2:-$1}.dll"; }
