#!/usr/bin/env bash
# Builds the wheel as a release does, for old versions of glibc, and has the pre-commit framework
# install it as in docs/integrations.md: a commit without a key passes, one with a key is stopped.
#
# usage: wheel.sh
# It builds a release, which takes minutes. The tools are installed to $WHEEL_TOOLS (default:
# target/wheel-tools) if they are missing.
# exit: 0 success, 1 failure, 77 no tools (skipped).
set -euo pipefail

readonly maturin_version=1.16.0
readonly ziglang_version=0.17.1
readonly pre_commit_version=4.7.0

skip() {
  echo "wheel: skipped: $1" >&2
  exit 77
}

root=$(cd "$(dirname "$0")/../.." && pwd)
tools=${WHEEL_TOOLS:-$root/target/wheel-tools}
command -v python3 >/dev/null || skip "there is no python3"
if [ ! -x "$tools/bin/pre-commit" ]; then
  { python3 -m venv "$tools" && "$tools/bin/pip" install --quiet "maturin==$maturin_version" \
    "ziglang==$ziglang_version" "pre-commit==$pre_commit_version"; } >&2 ||
    skip "pip could not install maturin, zig and pre-commit"
fi
export PATH="$tools/bin:$PATH"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$root" && maturin build --quiet --release --zig --compatibility manylinux2014 --out "$work/wheels")
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$root/Cargo.toml" | sed -n 1p)

# A separate home, so that no earlier wheel of this version is used.
export PRE_COMMIT_HOME="$work/home" PIP_FIND_LINKS="$work/wheels"
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
mkdir "$work/sample"
cd "$work/sample"
git init --quiet
git config user.name Ada
git config user.email ada@example.com
cat >.pre-commit-config.yaml <<YAML
repos:
  - repo: local
    hooks:
      - id: keyside
        name: keyside
        entry: keyside hook pre-commit
        args: ["--"]
        language: python
        additional_dependencies: ["keyside==$version"]
        types: [file]
        require_serial: true
        always_run: true
YAML
pre-commit install >/dev/null
git add .
git commit --quiet -m 'Nothing to find' || {
  echo "wheel: a commit without a key is stopped"
  exit 1
}
body=$(head -c 600 /dev/urandom | base64 | tr -dc 'A-Za-z0-9' | head -c 43)
printf 'const key = "sk_v1_%s";\n' "$body" >leak.js
git add leak.js
if git commit -m 'A key' >output.txt 2>&1; then
  echo "wheel: a commit with a key is made"
  exit 1
fi
grep -q 'keyside stops this commit: leak.js:1:14: ' output.txt || {
  echo "wheel: the commit failed otherwise:"
  sed "s/$body/…/" output.txt
  exit 1
}
if grep -q "$body" output.txt; then
  echo "wheel: a key is in the output"
  exit 1
fi
