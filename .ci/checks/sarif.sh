#!/usr/bin/env bash
# Checks SARIF reports as their readers do: Microsoft's validator with the rules of the standard and
# those of GitHub (GHAS) and Azure DevOps (GHAzDO), and the validator that
# github/codeql-action/upload-sarif runs before it uploads. Prints every error and warning.
#
# usage: sarif.sh KEYSIDE
# KEYSIDE is the program; it scans a sample with generated keys.
# The tools are installed to $SARIF_TOOLS (default: target/sarif-tools) if they are missing.
# exit: 0 no complaints, 1 errors or warnings, 2 usage, 77 no tools (skipped).
set -euo pipefail

readonly multitool_version=5.7.0
readonly jsonschema_version=1.5.0

skip() {
  echo "sarif: skipped: $1" >&2
  exit 77
}

if [ "$#" -ne 1 ] || [ ! -x "$1" ]; then
  echo "usage: ${0##*/} KEYSIDE" >&2
  exit 2
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A sample with names and text that are hard to encode. The key is generated here.
sample=$work/sample
mkdir -p "$sample/dir with space"
body=$(head -c 600 /dev/urandom | base64 | tr -dc 'A-Za-z0-9' | head -c 43)
printf 'é😀 = "sk_v1_%s"\r\n' "$body" >"$sample/dir with space/ü.js"
printf 'a\nb = "sk_v1_%s"\n' "$body" >"$sample/a:b.txt"
"$1" scan "$sample" -f "sarif=$work/github.sarif" --exit-zero >"$work/github.txt"
# The same sample in a pipeline of Azure DevOps.
id=3a3a2a60-14c7-570b-14a4-fa42ad92f52a
env TF_BUILD=True SYSTEM_COLLECTIONURI=https://dev.azure.com/ours/ SYSTEM_TEAMPROJECTID=$id \
  SYSTEM_DEFINITIONID=12 SYSTEM_PHASEID=$id SYSTEM_PHASENAME=Job BUILD_BUILDID=345 \
  BUILD_SOURCEBRANCH=refs/heads/main BUILD_DEFINITIONNAME=checks \
  "$1" scan "$sample" -q -f "sarif=$work/azure.sarif" --exit-zero >"$work/azure.txt"
if grep -q "$body" "$work"/*.sarif "$work"/*.txt; then
  echo "a report contains a key" >&2
  exit 1
fi

command -v node >/dev/null || skip "there is no node"
command -v npm >/dev/null || skip "there is no npm"
case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) platform=linux ;;
  Darwin-*) platform=darwin ;;
  *) skip "there is no multitool for this platform" ;;
esac

root=$(cd "$(dirname "$0")/../.." && pwd)
tools=${SARIF_TOOLS:-$root/target/sarif-tools}
# The binary, not the package's shim: that hands its arguments to a shell, which ends at the `;`.
folder=$tools/node_modules/@microsoft/sarif-multitool-$platform
multitool=$folder/Sarif.Multitool
if [ ! -f "$multitool" ] || [ ! -d "$tools/node_modules/jsonschema" ]; then
  mkdir -p "$tools"
  npm install --prefix "$tools" --ignore-scripts --no-audit --no-fund --loglevel=error \
    "@microsoft/sarif-multitool@$multitool_version" "jsonschema@$jsonschema_version" >&2 ||
    skip "npm could not install the validators"
  [ -f "$multitool" ] || skip "npm installed no multitool for this platform"
fi
# The package's install script would do this.
[ -x "$multitool" ] || chmod u+x "$multitool"

# Prints the messages in a log of the multitool, whose exit status is always 0.
cat >"$work/multitool.js" <<'EOF'
const fs = require('fs');
const [log, name] = process.argv.slice(2);
const run = JSON.parse(fs.readFileSync(log, 'utf8').replace(/^\uFEFF/, '')).runs[0];
const rules = run.tool.driver.rules || [];
const text = (result) => {
  const { text, id, arguments: values = [] } = result.message;
  const rule = rules.find((rule) => rule.id === result.ruleId) || {};
  const template = text || ((rule.messageStrings || {})[id] || { text: id }).text;
  return template.replace(/\{(\d+)\}/g, (whole, index) => values[index] ?? whole);
};
const faults = (run.results || [])
  .filter(({ level = 'warning' }) => level === 'error' || level === 'warning')
  .map((result) => {
    const { startLine = 0 } = result.locations?.[0]?.physicalLocation?.region || {};
    return `${name}:${startLine}: ${result.level || 'warning'}: ${result.ruleId}: ${text(result)}`;
  });
// Errors of the tool itself, such as a file that is not JSON.
for (const invocation of run.invocations || []) {
  const notifications = [
    ...(invocation.toolConfigurationNotifications || []),
    ...(invocation.toolExecutionNotifications || []),
  ];
  for (const { level = 'warning', message } of notifications) {
    if (level === 'error') faults.push(`${name}: error: multitool: ${message.text}`);
  }
}
faults.forEach((fault) => console.log(fault));
process.exit(faults.length === 0 ? 0 : 1);
EOF

cat >"$work/schema.js" <<'EOF'
const fs = require('fs');
const [modules, schema, file, name] = process.argv.slice(2);
const { Validator } = require(`${modules}/jsonschema`);
const read = (path) => {
  try {
    return JSON.parse(fs.readFileSync(path, 'utf8'));
  } catch (error) {
    console.log(`${name}: error: schema: ${error.message}`);
    process.exit(1);
  }
};
const { errors } = new Validator().validate(read(file), read(schema));
errors.forEach((error) => console.log(`${name}: error: schema: ${error.stack}`));
process.exit(errors.length === 0 ? 0 : 1);
EOF

status=0
validate() {
  local file=$1 rules=$2
  rm -f "$work/log.sarif"
  # Without a size limit, the multitool skips files above 10 MB.
  "$multitool" validate "$file" --rule-kind "$rules" --max-file-size-in-kb 1000000 \
    --output "$work/log.sarif" --log ForceOverwrite >"$work/output" 2>&1 || true
  if [ -f "$work/log.sarif" ]; then
    node "$work/multitool.js" "$work/log.sarif" "$file" || status=1
  else
    echo "$file: error: the multitool wrote no log:"
    cat "$work/output"
    status=1
  fi
  # The multitool may print nothing about a file that violates the schema.
  node "$work/schema.js" "$tools/node_modules" "$folder/sarif-2.1.0.json" "$file" "$file" ||
    status=1
}
validate "$work/github.sarif" 'Sarif;Ghas'
validate "$work/azure.sarif" 'Sarif;GHAzDO'
exit "$status"
