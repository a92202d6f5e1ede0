#!/usr/bin/env bash
# Runs managers of git hooks with keyside: the pre-commit framework, prek, lefthook and husky, set
# up as in docs/integrations.md, in repositories that are made here.
#
# usage: hooks.sh KEYSIDE
# The tools are installed to $HOOK_TOOLS (default: target/hook-tools) if they are missing.
# exit: 0 success, 1 failure, 2 usage, 77 no tools (skipped).
set -euo pipefail

readonly pre_commit_version=4.7.0
readonly prek_version=0.5.11
readonly lefthook_version=2.2.2
readonly husky_version=9.1.7

skip() {
  echo "hooks: skipped: $1" >&2
  exit 77
}

if [ "$#" -ne 1 ] || [ ! -x "$1" ]; then
  echo "usage: ${0##*/} KEYSIDE" >&2
  exit 2
fi
keyside=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
root=$(cd "$(dirname "$0")/../.." && pwd)
tools=${HOOK_TOOLS:-$root/target/hook-tools}

command -v python3 >/dev/null || skip "there is no python3"
command -v npm >/dev/null || skip "there is no npm"
if [ ! -x "$tools/bin/lefthook" ]; then
  python3 -m venv "$tools" >&2 || skip "python3 makes no virtual environment"
  "$tools/bin/pip" install --quiet --disable-pip-version-check \
    "pre-commit==$pre_commit_version" "prek==$prek_version" "lefthook==$lefthook_version" >&2 ||
    skip "pip could not install the tools"
fi
if [ ! -d "$tools/node_modules/husky" ]; then
  npm install --prefix "$tools" --no-audit --no-fund --loglevel=error "husky@$husky_version" >&2 ||
    skip "npm could not install husky"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin" "$work/home"
ln -s "$keyside" "$work/bin/keyside"
export PATH="$work/bin:$tools/bin:$PATH" HOME="$work/home" PRE_COMMIT_HOME="$work/cache"
export PREK_HOME="$work/cache-of-prek" GIT_CONFIG_NOSYSTEM=1
git config --global user.name Ada
git config --global user.email ada@example.com
git config --global init.defaultBranch main
git config --global advice.detachedHead false

body() { head -c 900 /dev/urandom | base64 | tr -dc 'A-Za-z0-9' | head -c 43; }
key=sk_v1_$(body)
other=sk_v1_$(body)
status=0

# expect CODE TEXT COMMAND...: the command succeeds or fails, prints TEXT, and shows no key.
expect() {
  local wanted=$1 text=$2 code=0
  shift 2
  "$@" >"$work/output" 2>&1 || code=$?
  if [ $((code != 0)) != "$wanted" ] || ! grep -qF -- "$text" "$work/output" ||
    grep -qF -e "$key" -e "$other" "$work/output"; then
    echo "hooks: wrong: $name: $* (exit $code, expected $wanted and \"$text\")"
    sed 's/^/    /' "$work/output"
    status=1
  fi
}

# repository NAME: makes a repository and enters it; its remote repository is NAME.git.
repository() {
  git init -q "$work/$1"
  git init -q --bare "$work/$1.git"
  cd "$work/$1"
  git remote add origin "$work/$1.git"
}

# The hooks of this project, for a tool that clones them.
git init -q "$work/hooks"
cp "$root/.pre-commit-hooks.yaml" "$work/hooks"
git -C "$work/hooks" add .
git -C "$work/hooks" commit -q -m hooks
hooks=$(git -C "$work/hooks" rev-parse HEAD)

# framework COMMAND: tests pre-commit, or prek, which reads the same files.
framework() {
  name=$1
  repository "$1"
  printf 'repos:\n- repo: %s\n  rev: %s\n  hooks:\n  - id: keyside-system\n' \
    "$work/hooks" "$hooks" >.pre-commit-config.yaml
  "$1" install -t pre-commit -t pre-push -t pre-merge-commit >/dev/null
  expect 0 'a commit with a key is stopped here' keyside install-hook --check
  # The first commit.
  printf '%s\n' "$key" >a.py
  git add .
  expect 1 'keyside stops this commit: a.py:1:1' git commit -m first
  echo 1 >a.py
  git add .
  expect 0 '' git commit -m first
  # Partly staged, all changed files, one file.
  printf 'x\n%s\n' "$key" >a.py
  git add a.py
  echo clean >a.py
  expect 1 'a.py:2:1' git commit -m partly
  git add a.py
  echo "$key" >a.py
  expect 0 '' git commit -m partly
  expect 1 'a.py:1:1' git commit -a -m all
  expect 1 'a.py:1:1' git commit -m one a.py
  # A linked worktree.
  git worktree add -q -b side ../"$1"-tree
  cp a.py ../"$1"-tree/
  expect 1 'a.py:1:1' git -C ../"$1"-tree commit -a -m tree
  # The key of the other side is not new to a merge.
  git -C ../"$1"-tree commit -q --no-verify -a -m 'a key'
  git checkout -q a.py
  echo 1 >b
  git add b
  git commit -q --no-verify -m b
  expect 0 '' git merge --no-edit side
  # Named files are read from the index.
  echo 'clean on disk' >a.py
  expect 1 'a.py:1:1' "$1" run --all-files
  expect 1 'a.py:1:1' "$1" run --files a.py b
  expect 0 'Passed' "$1" run --files b
  git checkout -q a.py
  # Ranges of commits: keys added and removed again count.
  git branch base
  printf 'x\ny\n%s\n' "$other" >b
  git commit -q --no-verify -a -m come
  echo 1 >b
  git commit -q --no-verify -a -m go
  expect 1 'keyside stops these commits: b:3:1' "$1" run --from-ref base --to-ref HEAD
  expect 0 'Passed' "$1" run --from-ref HEAD~1 --to-ref HEAD
  # The first push, and a later one.
  expect 1 'keyside stops this push' git push origin main
  git push -q --no-verify origin main
  echo 3 >c
  git add .
  git commit -q -m c
  expect 0 '' git push origin main
  # More names than fit in one command.
  mkdir many
  (cd many && seq -f "$(printf 'n%.0s' $(seq 200))-%05g" 9000 | xargs touch)
  printf '%s\n' "$other" >many/zz
  git add many
  expect 1 'keyside stops this commit: many/zz:1:1' git commit -m many
  git commit -q --no-verify -m many
  expect 1 'keyside: many/zz:1:1' "$1" run --all-files
}

"$tools/bin/pre-commit" validate-manifest "$root/.pre-commit-hooks.yaml"
framework pre-commit
framework prek

# native NAME: commits and pushes in a repository with installed hooks.
native() {
  name=$1
  expect 0 'a push with a key is stopped here' keyside install-hook --check -t pre-commit -t pre-push
  printf '%s\n' "$key" >a.py
  git add .
  expect 1 'keyside stops this commit: a.py:1:1' git commit -m first
  echo 1 >a.py
  git add .
  expect 0 '' git commit -m first
  printf 'x\n%s\n' "$key" >a.py
  expect 1 'a.py:2:1' git commit -a -m all
  git branch one
  git checkout -q -b two
  git commit -q --no-verify -a -m two
  # The key is in the second ref.
  expect 1 'keyside stops this push: a.py:2:1: ' git push origin one two
  expect 0 '' git push origin one
}

repository lefthook
cat >lefthook.yml <<'YAML'
pre-commit:
  commands:
    keyside:
      run: keyside hook pre-commit
pre-push:
  commands:
    keyside:
      run: keyside hook pre-push {1} {2}
      use_stdin: true
YAML
lefthook install >/dev/null
native lefthook

repository husky
printf '{ "name": "sample", "private": true }\n' >package.json
cp -r "$tools/node_modules" .
echo node_modules >.gitignore
node_modules/.bin/husky
echo 'keyside hook pre-commit' >.husky/pre-commit
echo 'keyside hook pre-push "$@"' >.husky/pre-push
native husky

exit "$status"
