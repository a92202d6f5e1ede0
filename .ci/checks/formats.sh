#!/usr/bin/env bash
# Reads reports with their usual readers: JUnit's XML with junitparser, CSV with Python's reader.
# Compares GitHub's annotations with the output of the package @actions/core, and checks the
# required fields of GitLab's report.
#
# usage: formats.sh KEYSIDE
# The readers are installed to $FORMAT_TOOLS (default: target/format-tools) if they are missing.
# exit: 0 success, 1 failure, 2 usage, 77 no readers (skipped).
set -euo pipefail

readonly junitparser_version=5.0.3
readonly actions_version=3.0.1

skip() {
  echo "formats: skipped: $1" >&2
  exit 77
}

if [ "$#" -ne 1 ] || [ ! -x "$1" ]; then
  echo "usage: ${0##*/} KEYSIDE" >&2
  exit 2
fi
keyside=$(realpath "$1")

command -v node >/dev/null || skip "there is no node"
command -v npm >/dev/null || skip "there is no npm"
command -v python3 >/dev/null || skip "there is no python3"
root=$(cd "$(dirname "$0")/../.." && pwd)
tools=${FORMAT_TOOLS:-$root/target/format-tools}
if [ ! -d "$tools/node_modules/@actions/core" ]; then
  mkdir -p "$tools"
  npm install --prefix "$tools" --ignore-scripts --no-audit --no-fund --loglevel=error \
    "@actions/core@$actions_version" >&2 || skip "npm could not install @actions/core"
fi
if [ ! -d "$tools/python/junitparser" ]; then
  python3 -m pip install --quiet --disable-pip-version-check --target "$tools/python" \
    "junitparser==$junitparser_version" >&2 || skip "pip could not install junitparser"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
key() {
  local body
  body=$(head -c 600 /dev/urandom | base64 | tr -dc 'A-Za-z0-9' | head -c 43)
  printf '%s%s' "$1" "$body"
}
mkdir -p "$work/tree/a,b: 100%"
printf 'x = "%s" # ::error::<b> &amp; ]]>\n' "$(key sk_v1_)" >"$work/tree/a,b: 100%/=1+1;.js"
printf 'x = "%s"\n' "$(key sk_v1_)" >"$work/tree/"$'line\nbreak\r\x1b.js'
printf 'A=%s\nB=%s\n' "$(key mgx-sk-)" "$(key at_v1_)" >"$work/tree/.env"
cd "$work"
code=0
"$keyside" scan tree nowhere -q -f github=report.github -f junit=report.xml -f csv=report.csv \
  -f gitlab=report.gitlab >/dev/null || code=$?
[ "$code" = 1 ] || { echo "keyside ended with $code"; exit 1; }

# Annotations parsed as by GitHub's runner and printed again are the same, byte for byte.
cat >"$tools/check-formats.mjs" <<'END'
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as core from '@actions/core';

const [file, nth] = process.argv.slice(2);
const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
const decoded = (text) =>
  text.replace(/%3A/g, ':').replace(/%2C/g, ',').replace(/%0D/g, '\r').replace(/%0A/g, '\n').replace(/%25/g, '%');
if (nth !== undefined) {
  const [, level, list, text] = /^::(error|warning|notice) (.*?)::(.*)$/.exec(lines[nth]);
  const own = Object.fromEntries(list.split(',').map((pair) => pair.split(/=(.*)/s).slice(0, 2)));
  const value = (name) => (own[name] === undefined ? undefined : decoded(own[name]));
  core[level](decoded(text), {
    title: value('title'),
    file: value('file'),
    startLine: value('line'),
    endLine: value('endLine'),
    startColumn: value('col'),
    endColumn: value('endColumn'),
  });
} else {
  if (lines.length !== 5) throw new Error(`${lines.length} annotations`);
  lines.forEach((line, nth) => {
    const again = execFileSync(process.execPath, [fileURLToPath(import.meta.url), file, nth]);
    if (again.toString() !== `${line}\n`) throw new Error(`${line}\n${again}`);
  });
}
END
node "$tools/check-formats.mjs" report.github

PYTHONPATH="$tools/python" python3 - <<'END'
import csv, json, re
from junitparser import Error, Failure, JUnitXml

report = JUnitXml.fromfile("report.xml")
cases = [case for suite in report for case in suite]
results = [[type(result) for result in case.result] for case in cases]
assert (report.tests, report.failures, report.errors) == (5, 4, 1), report
assert results == [[Error]] + 4 * [[Failure]], results
assert "::error::<b> &amp; ]]>" in "".join(case.result[0].text for case in cases[1:])

with open("report.csv", newline="", encoding="utf-8") as file:
    rows = list(csv.DictReader(file, strict=True))
assert len(rows) == 4 and all(None not in row and None not in row.values() for row in rows)
formulas = ("=", "+", "-", "@", "\t", "\r")
assert not any(value.startswith(formulas) for row in rows for value in row.values())

with open("report.gitlab", encoding="utf-8") as file:
    document = json.load(file)
scan = document["scan"]
assert re.fullmatch(r"15\.\d+\.\d+", document["version"])
assert (scan["type"], scan["status"]) == ("secret_detection", "failure")
for name in ("start_time", "end_time"):
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", scan[name]), scan[name]
for name in ("analyzer", "scanner"):
    tool = scan[name]
    assert all(tool[field] for field in ("id", "name", "version")) and tool["vendor"]["name"]
found = document["vulnerabilities"]
assert len(found) == len({own["id"] for own in found}) == 4
for own in found:
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", own["id"])
    assert own["severity"] in ("Info", "Unknown", "Low", "Medium", "High", "Critical")
    assert all(one["type"] and one["name"] and one["value"] for one in own["identifiers"])
    assert re.fullmatch(r"[0-9a-f]{40}([0-9a-f]{24})?", own["location"]["commit"]["sha"])
    assert not own["location"]["file"].startswith("/") and own["location"]["start_line"] > 0
END
echo "formats: nothing to complain about"
