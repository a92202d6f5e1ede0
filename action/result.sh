#!/usr/bin/env bash
# Ends the job as the scan ended, after everything has been told.
set -euo pipefail

if [ "$UPLOAD" = failure ]; then
  echo "::warning title=keyside::The report was not uploaded to code scanning: the job needs\
 \`security-events: write\`, and the repository needs code scanning. \`upload: false\` says that it\
 is not wanted. The scan itself is not affected."
fi

case $FAIL in
  true) exit "${EXIT_CODE:-2}" ;;
  # What was not read still fails the job, and so does a scan that could not be made.
  false) if [ "$EXIT_CODE" != 1 ]; then exit "${EXIT_CODE:-2}"; fi ;;
  *)
    echo "::error title=keyside::the input \`fail\` must be \`true\` or \`false\`"
    exit 2
    ;;
esac
