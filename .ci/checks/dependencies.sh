#!/usr/bin/env bash
# Fails if a manifest of the workspace names a dependency that none of its package's code uses.
# Names are matched as text, which is enough for crates that are only called by their name.
set -euo pipefail
cd "$(dirname "$0")/../.."

faults=0
for manifest in Cargo.toml crates/*/Cargo.toml; do
  folder=$(dirname "$manifest")
  code=()
  for part in src tests benches examples build.rs; do
    [ -e "$folder/$part" ] && code+=("$folder/$part")
  done
  # Lines `name = …` of the tables of dependencies.
  names=$(awk '/^\[/ { on = /^\[(dev-|build-)?dependencies\]$/ } on && /^[A-Za-z0-9_-]+ *=/ { print $1 }' "$manifest")
  for name in $names; do
    if ! grep -rqE "(^|[^A-Za-z0-9_])${name//-/_}(::|;|!| as )" "${code[@]}"; then
      echo "$manifest: nothing uses \`$name\`" >&2
      faults=1
    fi
  done
done
exit "$faults"
