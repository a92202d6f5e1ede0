#!/usr/bin/env bash
# Scans what the event is about and tells what came of it: in the log, in annotations, in the job's
# summary, as SARIF and in outputs. It runs in the folder to scan; all else comes by variables.
#
# What was asked for and cannot be had is never called clean: the whole tree is scanned instead,
# and the exit code is 3 if nothing is found there.
set -euo pipefail

fail() {
  printf '::error title=keyside::%s\n' "$1"
  echo exit-code=2 >>"$GITHUB_OUTPUT"
  exit 2
}

boolean() {
  [ "$2" = true ] || [ "$2" = false ] || fail "the input \`$1\` must be \`true\` or \`false\`"
}

# Hooks may be files of the tree, as husky's are. In a container, the checkout has another owner.
git() {
  GIT_TERMINAL_PROMPT=0 command git -c core.hooksPath=/dev/null -c safe.directory='*' \
    -c gc.auto=0 -c maintenance.auto=false "$@"
}

# Fetches from where the checkout is from, with the token if the checkout did not keep its own.
authorized() (
  if [ -n "$TOKEN" ] && ! git config --get-regexp '^http\..*extraheader$' >/dev/null; then
    basic=$(printf 'x-access-token:%s' "$TOKEN" | base64 | tr -d '\r\n')
    export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0="http.$GITHUB_SERVER_URL/.extraheader"
    export GIT_CONFIG_VALUE_0="AUTHORIZATION: basic $basic"
  fi
  git "$@"
)

is_commit() { [[ $1 =~ ^[0-9a-f]{40,64}$ && ! $1 =~ ^0+$ ]]; }

is_shallow() { [ -s "$(git rev-parse --git-path shallow)" ]; }

# Whether all commits that git would list are here: none is where a shallow clone was cut off.
is_whole() {
  local commits
  commits=$(git rev-list "$1" -- 2>/dev/null) || return 1
  ! is_shallow || ! grep -qxFf "$(git rev-parse --git-path shallow)" <<<"$commits"
}

# Makes the commits of REVISIONS be here, which COMMIT... reach.
bring() {
  local revisions=$1 depth
  shift
  if is_whole "$revisions"; then return; fi
  if is_shallow; then
    # The last one is all there is, in git's own words.
    for depth in 100 1000 10000 2147483647; do
      authorized fetch --quiet --no-tags --no-recurse-submodules --depth="$depth" origin "$@" || return 1
      if is_whole "$revisions"; then return; fi
    done
  else
    authorized fetch --quiet --no-tags --no-recurse-submodules origin "$@" || return 1
  fi
  is_whole "$revisions"
}

# What COMMIT has and a base has not.
range() {
  local dots=... count
  is_commit "$1" || return 1
  bring "$1...$COMMIT" "$1" "$COMMIT" || return 1
  git merge-base "$1" "$COMMIT" >/dev/null || dots=..
  count=$(git rev-list --count "$1..$COMMIT") || return 1
  arguments=(git . --range "$1$dots$COMMIT")
  if [ "$is_trusted" = true ]; then arguments+=(--trust-head); fi
  scanned="the commits $1$dots$COMMIT ($count)"
  if [ "$count" = 0 ]; then
    arguments+=(--allow-empty)
    scanned="nothing: $COMMIT has no commits that $1 has not"
  fi
}

# All that COMMIT has. Nothing was before it that could accept anything.
branch() {
  bring "$COMMIT" "$COMMIT" || return 1
  arguments=(git . --branch "$COMMIT")
  if [ "$is_trusted" = false ]; then arguments+=(--no-suppress); fi
  scanned="all commits up to $COMMIT"
}

# The tip of the default branch, unless that was pushed to.
default_tip() {
  if [ "$GITHUB_REF" = "refs/heads/$DEFAULT_BRANCH" ]; then return 1; fi
  git rev-parse --verify --quiet "refs/remotes/origin/$DEFAULT_BRANCH^{commit}" ||
    authorized ls-remote --exit-code origin "refs/heads/$DEFAULT_BRANCH" | cut -f 1
}

# What was pushed. A new branch has no base, and that of a forced push may be gone.
push() {
  local tip
  if range "$BASE"; then return; fi
  if tip=$(default_tip) && range "$tip"; then return; fi
  branch
}

# Whether this is a checkout of the repository that the event is about.
is_own() {
  local url
  if [ ! -e .git ]; then return 1; fi
  if git cat-file -e "$COMMIT^{commit}" 2>/dev/null; then return; fi
  url=$(git config remote.origin.url) || return 1
  url=${url%.git}
  [[ $url == *[/:]"$GITHUB_REPOSITORY" ]]
}

# Decides what to scan: `arguments` for keyside, and `scanned` for people.
choose() {
  if [ "$HISTORY" = true ]; then
    if is_shallow; then
      authorized fetch --quiet --tags --no-recurse-submodules --unshallow origin \
        '+refs/heads/*:refs/remotes/origin/*' ||
        problem="What came before this shallow checkout could not be fetched. $advice"
    fi
    arguments=(git .)
    scanned="all that the repository stores"
    return
  fi
  arguments=(scan .)
  scanned="the whole tree"
  # A tag is a release: what counts is what is in it.
  if ! is_commit "$COMMIT" || [ "${GITHUB_REF_TYPE:-}" = tag ] || ! is_own; then return; fi
  if [ "$GITHUB_EVENT_NAME" = push ]; then push; else range "$BASE"; fi || {
    scanned="the whole tree, as the commits of this $GITHUB_EVENT_NAME could not be fetched"
    problem="The commits of this event could not be fetched: only the tree was scanned. $advice"
    is_incomplete=true
  }
}
advice="Check out with \`fetch-depth: 0\`."
problem=
is_incomplete=false

# A commit's alerts are those of its tree: what a range tells would be closed by the next push. Here
# is the tree of another commit if a workflow that others trigger has checked out what they wrote.
is_tree_of_ref() {
  local head
  head=$(git rev-parse --verify --quiet HEAD) || return 1
  [ "$head" = "$GITHUB_SHA" ] || { [ "$GITHUB_EVENT_NAME" = pull_request ] && [ "$head" = "$COMMIT" ]; }
}

boolean history "$HISTORY"
boolean verify "$VERIFY"
boolean upload "$UPLOAD"
# Whoever can push a branch to the repository itself is trusted like those who review it.
case $TRUST_HEAD in
  true | false) is_trusted=$TRUST_HEAD ;;
  auto) if [ "$IS_FORK" = true ]; then is_trusted=false; else is_trusted=true; fi ;;
  *) fail "the input \`trust-head\` must be \`auto\`, \`true\` or \`false\`" ;;
esac
[ "$HISTORY" = false ] || [ -e .git ] || fail "\`history: true\` needs a checkout, and \`path\` is none"
options=(--no-progress --color=always "--min-severity=$MIN_SEVERITY")
if [ -n "$CONFIG" ]; then options+=("--config=$CONFIG"); fi
if [ -n "$BASELINE" ]; then options+=("--baseline=$BASELINE"); fi
while IFS= read -r argument; do
  argument=${argument%$'\r'}
  if [ -n "$argument" ]; then options+=("$argument"); fi
done <<<"$ARGS"
folder=$(mktemp -d "$RUNNER_TEMP/keyside.XXXXXX")

# What follows shows names and texts of the tree. None of it is a command to the runner.
stop=$(od -An -N 16 -tx1 /dev/urandom | tr -d ' \n')
echo "::stop-commands::$stop"
choose
unset TOKEN
echo "Scanning $scanned"
reports=(-f "sarif=$folder/keyside.sarif" -f "jsonl=$folder/findings.jsonl"
  -f "markdown=$folder/summary.md" -f "github=$folder/annotations")
if [ "$VERIFY" = true ] && [ "$IS_FORK" != true ]; then reports+=(--verify); fi
# Nobody knows which keys of a fork are live: each of them fails the job.
if [ -n "$FAIL_ON" ] && { [ "$FAIL_ON" != live ] || [ "$IS_FORK" != true ]; }; then
  reports+=("--fail-on=$FAIL_ON")
fi
code=0
"$KEYSIDE" "${arguments[@]}" "${options[@]}" "${reports[@]}" || code=$?
if [ "$code" = 0 ] && [ $is_incomplete = true ]; then code=3; fi
is_made=false
if [ -s "$folder/findings.jsonl" ]; then is_made=true; fi

# The token of a fork's run may not upload.
sarif=
if [ $is_made = true ] && [ "$UPLOAD" = true ] && [ "$IS_FORK" != true ] && [ -e .git ] &&
  is_tree_of_ref; then
  sarif=$folder/keyside.sarif
  if [ "${arguments[0]}" = git ] && [ "$HISTORY" = false ]; then
    sarif=$folder/tree.sarif
    "$KEYSIDE" scan . "${options[@]}" --exit-zero -f "sarif=$sarif" >/dev/null || {
      # What was not read is in the report. A report that was not made cannot be uploaded.
      [ "$?" = 3 ] || sarif=
    }
  fi
fi
printf '\n::%s::\n' "$stop"

if [ -s "$folder/annotations" ]; then cat "$folder/annotations"; fi
if [ $is_made = false ]; then echo "::error title=keyside::Nothing was scanned: the log says why"; fi
if [ -n "$problem" ]; then printf '::error title=keyside::%s\n' "$problem"; fi
{
  if [ -n "$problem" ]; then printf '> [!CAUTION]\n> %s\n\n' "$problem"; fi
  if [ $is_made = true ]; then
    cat "$folder/summary.md"
    printf '\nScanned %s.\n' "$scanned"
  fi
} >>"$GITHUB_STEP_SUMMARY"

{
  echo "exit-code=$code"
  echo "scanned=$scanned"
  echo "checkout=$(git rev-parse --show-toplevel 2>/dev/null || pwd)"
  echo "upload-file=$sarif"
  if [ $is_made = true ]; then
    # The last line is about the scan.
    echo "findings=$(($(wc -l <"$folder/findings.jsonl") - 1))"
    echo "sarif-file=$folder/keyside.sarif"
  fi
} >>"$GITHUB_OUTPUT"
