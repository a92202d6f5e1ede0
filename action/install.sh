#!/usr/bin/env bash
# Says where keyside is: out of a release's archive, built by cargo, or as it is installed already.
# An archive is unpacked only if it has the SHA-256 that checksums.txt gives for its name, so that
# whoever pins the action by its commit pins the program, too.
set -euo pipefail

readonly releases=https://github.com/keyside/keyside/releases/download
readonly checksums=$GITHUB_ACTION_PATH/action/checksums.txt

fail() {
  printf '::error title=keyside::%s\n' "$1"
  exit 2
}

# The newest version of which there are checksums.
newest() {
  sed -n 's/^[0-9a-f]*  keyside-\([0-9.]*\)-.*/\1/p' "$checksums" | sed -n 1p
}

target() {
  case ${RUNNER_OS:-}-${RUNNER_ARCH:-} in
    Linux-X64) echo x86_64-unknown-linux-musl ;;
    Linux-ARM64) echo aarch64-unknown-linux-musl ;;
    macOS-X64) echo x86_64-apple-darwin ;;
    macOS-ARM64) echo aarch64-apple-darwin ;;
    # Windows on ARM runs it, too.
    Windows-X64 | Windows-ARM64) echo x86_64-pc-windows-msvc ;;
  esac
}

sha256() {
  if command -v sha256sum >/dev/null; then sha256sum <"$1"; else shasum -a 256 <"$1"; fi | cut -c 1-64
}

# Unpacks a release into the folder.
release() {
  local name archive expected cached
  name=keyside-$version-$(target)
  archive=$folder/$name.tar.gz
  expected=$(awk -v name="$name.tar.gz" '$2 == name { print $1; exit }' "$checksums")
  [ -n "$expected" ] || fail "this version of the action has no checksum of $name.tar.gz: take the \
action's own tag for that version, or \`install: cargo\`"

  # What is kept is checked like what is downloaded.
  cached=${RUNNER_TOOL_CACHE:-$RUNNER_TEMP}/keyside/$name.tar.gz
  if [ -f "$cached" ]; then cp "$cached" "$archive"; fi
  if [ ! -f "$archive" ] || [ "$(sha256 "$archive")" != "$expected" ]; then
    curl --proto '=https' --tlsv1.2 --fail --silent --show-error --location --retry 5 \
      --connect-timeout 30 --output "$archive" "$releases/v$version/$name.tar.gz" ||
      fail "$name.tar.gz could not be downloaded"
    [ "$(sha256 "$archive")" = "$expected" ] ||
      fail "$name.tar.gz is not what was released: its SHA-256 is not the one of checksums.txt"
    # A cache that cannot be written is none.
    { mkdir -p "${cached%/*}" && cp "$archive" "$cached.$$" && mv -f "$cached.$$" "$cached"; } || true
  fi
  # A name with a colon would be another host to tar.
  (cd "$folder" && tar -xzf - <"$name.tar.gz")
  keyside=$folder/$name/keyside
}

# Builds a version. This folder is not the scanned one: cargo does what a `.cargo/config.toml` says.
cargo_install() {
  command -v cargo >/dev/null || fail "there is no cargo to install keyside with"
  cargo install --locked --version "$version" --root "$folder" keyside
  keyside=$folder/bin/keyside
}

case $INSTALL in
  release | cargo) ;;
  false)
    keyside=$(command -v keyside) || fail "\`install: false\`, but there is no keyside on the PATH"
    # With a PATH that begins where one is, the next step would run a file of the scanned tree.
    [[ $keyside == /* ]] || fail "the keyside on the PATH is in a folder without a full path"
    ;;
  *) fail "the input \`install\` must be \`release\`, \`cargo\` or \`false\`" ;;
esac

if [ "$INSTALL" != false ]; then
  version=${VERSION:-$(newest)}
  [ -n "$version" ] || fail "this commit of the action is older than the first release: name a \
\`version\`, or use \`install: false\`"
  [[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] ||
    fail "the input \`version\` must be an exact version such as 1.2.3"
  folder=$(mktemp -d "$RUNNER_TEMP/keyside.XXXXXX")
  cd "$folder"
  if [ "$INSTALL" = cargo ]; then
    cargo_install
  elif [ -n "$(target)" ]; then
    release
  else
    echo "There is no archive for ${RUNNER_OS:-?} on ${RUNNER_ARCH:-?}: cargo builds keyside."
    cargo_install
  fi
fi

"$keyside" --version
printf 'keyside=%s\n' "$keyside" >>"$GITHUB_OUTPUT"
