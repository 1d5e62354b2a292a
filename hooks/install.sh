#!/bin/sh
# Installs spacesync from a release; Linux on x86_64 and arm64 with glibc 2.35 or later. No Swift is needed.
#
#   curl -fsSLO https://github.com/OWNER/spacesync/releases/latest/download/install.sh
#   sh install.sh --repository OWNER/spacesync
#
# The checksum protects against a broken download. That a file is the one that the release workflow built is shown by
# `gh attestation verify FILE --repo OWNER/spacesync`.
set -eu

# Set in the copy that a release has.
repository=${SPACESYNC_REPOSITORY:-}
version=''
prefix=''
cache=''
action=install_release

usage() {
  cat <<EOF
usage: install.sh [--repository OWNER/NAME] [--version V] [--prefix DIR] [--cache DIR]
       install.sh --uninstall [--prefix DIR]
       install.sh --show [--repository OWNER/NAME] [--version V]

  --repository R   the GitHub repository with the releases, or its URL (${repository:-no default})
  --version V      the release; without it, the newest one
  --prefix DIR     installs to DIR/bin and DIR/share/spacesync (~/.local; as root it must be given)
  --cache DIR      keeps the downloaded archive here, and uses it next time if its checksum is right
  --uninstall      removes what this script installed; settings and cache stay
  --show           prints version and checksum of the release, and installs nothing

Proxies are those of curl or wget: https_proxy, no_proxy.
EOF
}

fail() {
  printf 'error: %s\n' "$1" >&2
  if [ $# -gt 1 ]; then printf 'hint: %s\n' "$2" >&2; fi
  exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

parse() {
  while [ $# -gt 0 ]; do
    case $1 in
      --repository | --version | --prefix | --cache)
        if [ $# -lt 2 ] || [ -z "$2" ]; then fail "$1 requires a value" "see install.sh --help"; fi
        case $1 in
          --repository) repository=$2 ;;
          --version) version=${2#v} ;;
          --prefix) prefix=$2 ;;
          --cache) cache=$2 ;;
        esac
        shift 2
        ;;
      --uninstall) action=uninstall_release && shift ;;
      --show) action=show_release && shift ;;
      -h | --help) usage && exit 0 ;;
      *) fail "unknown argument \"$1\"" "see install.sh --help" ;;
    esac
  done
}

# Sets `prefix` to an absolute path. Root must name it: `sudo sh install.sh` by habit would install for all users, or
# into the home directory of another one.
choose_prefix() {
  if [ -z "$prefix" ]; then
    [ "$(id -u)" != 0 ] || fail "running as root" "for all users: --prefix /usr/local; for yourself: run it without sudo"
    [ -n "${HOME:-}" ] || fail "HOME is not set" "use --prefix DIR"
    prefix=$HOME/.local
  fi
  case $prefix in
    /*) ;;
    *) prefix=$(pwd)/$prefix ;;
  esac
  prefix=${prefix%/}
}

# Prints the URL of the repository. Plain http is for a server on this machine, in tests.
repository_url() {
  case $repository in
    '') fail "no repository given" "use --repository OWNER/spacesync" ;;
    https://* | http://127.0.0.1:* | http://localhost:*) printf '%s\n' "${repository%/}" ;;
    *://*) fail "$repository is not an https URL" ;;
    */*/* | /* | */ | *[!A-Za-z0-9._/-]*) fail "$repository is not a repository" "use OWNER/NAME, or its URL" ;;
    */*) printf '%s/%s\n' "${GITHUB_SERVER_URL:-https://github.com}" "$repository" ;;
    *) fail "$repository is not a repository" "use OWNER/NAME, or its URL" ;;
  esac
}

architecture() {
  [ "$(uname -s)" = Linux ] ||
    fail "there are no binaries for $(uname -s)" "use the container image, or build from source with Swift"
  case $(uname -m) in
    x86_64 | amd64) echo x86_64 ;;
    aarch64 | arm64) echo arm64 ;;
    *) fail "there are no binaries for $(uname -m)" "build from source with Swift" ;;
  esac
}

# download URL FILE: follows redirects to https only. Proxies come from the environment.
download() {
  if has curl; then
    case $1 in
      http://*) set -- "$@" http,https ;;
      *) set -- "$@" https ;;
    esac
    curl --fail --silent --show-error --location --proto "=$3" --proto-redir "=$3" --retry 3 --connect-timeout 20 \
      --output "$2" "$1"
  elif has wget; then
    https_proxy=${https_proxy:-${HTTPS_PROXY:-}} wget --quiet --tries=3 --timeout=60 --output-document="$2" "$1"
  else
    fail "neither curl nor wget is installed" "install curl"
  fi
}

checksum() {
  if has sha256sum; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

# Downloads the checksums of the release, and sets `archive` and `expected`.
find_archive() {
  arch=$(architecture) || exit 1
  url=$(repository_url) || exit 1
  if [ -n "$version" ]; then
    case $version in *[!A-Za-z0-9.+~-]*) fail "$version is not a version" ;; esac
    base=$url/releases/download/v$version
  else
    base=$url/releases/latest/download
  fi
  download "$base/SHA256SUMS" "$work/SHA256SUMS" ||
    fail "cannot download $base/SHA256SUMS" "check --repository${version:+ and --version}; behind a proxy set https_proxy"
  # Lines are "CHECKSUM  NAME".
  archive=$(sed -n "s/^[0-9a-f]\{64\} [ *]\(spacesync-[A-Za-z0-9.+~-]*-linux-$arch\.tar\.gz\)\$/\1/p" "$work/SHA256SUMS")
  case $archive in
    '') fail "the release has no archive for linux-$arch ($base/SHA256SUMS)" ;;
    *"
"*) fail "the release has several archives for linux-$arch ($base/SHA256SUMS)" ;;
  esac
  expected=$(grep -F " $archive" "$work/SHA256SUMS" | cut -d ' ' -f 1)
  release=${archive#spacesync-}
  release=${release%-linux-*}
  [ -z "$version" ] || [ "$release" = "$version" ] || fail "the release v$version contains version $release"
}

# Puts the archive into the working directory: from the cache, or by download.
fetch_archive() {
  if [ -n "$cache" ] && [ -f "$cache/$archive" ] && [ "$(checksum "$cache/$archive")" = "$expected" ]; then
    cp "$cache/$archive" "$work/$archive"
    return
  fi
  # By version, not "latest": a newer release may appear in between.
  source=$url/releases/download/v$release/$archive
  download "$source" "$work/$archive" || fail "cannot download $source"
  actual=$(checksum "$work/$archive")
  [ "$actual" = "$expected" ] ||
    fail "$archive has the wrong checksum; nothing was installed
expected $expected
got      $actual" "try again; if it stays, do not use the file"
  if [ -n "$cache" ]; then
    mkdir -p "$cache"
    cp "$work/$archive" "$cache/$archive"
  fi
}

unpack() {
  tar -xzf "$work/$archive" -C "$work" || fail "cannot unpack $archive"
  unpacked=$work/${archive%.tar.gz}
  # Run from the prefix: /tmp may be mounted with noexec.
  if ! "$unpacked/spacesync" --version >/dev/null 2>"$work/log"; then
    cat "$work/log" >&2
    fail "this system cannot run the binary; nothing was installed" \
      "Debian, Ubuntu: apt-get install libcurl4 libssl3 libgssapi-krb5-2 zlib1g libstdc++6; it needs glibc 2.35 or later (not musl)"
  fi
}

# Each file replaces the old one in one step, so that a running spacesync is not disturbed.
place() {
  share=$prefix/share/spacesync
  mkdir -p "$prefix/bin" "$prefix/share"
  rm -rf "$share"
  mkdir "$work/share"
  for name in "$unpacked"/*; do
    case ${name##*/} in spacesync | git-spacesync) ;; *) mv "$name" "$work/share/" ;; esac
  done
  # For --uninstall: a spacesync that came in another way stays.
  printf '%s\n' bin/spacesync bin/git-spacesync >"$work/share/installed"
  mv "$work/share" "$share"
  for name in spacesync git-spacesync; do
    if [ -d "$prefix/bin/$name" ]; then fail "$prefix/bin/$name is a directory"; fi
    mv -f "$unpacked/$name" "$prefix/bin/$name"
  done
}

# use_directory PARENT: sets `work` to a new directory, removed at the end.
use_directory() {
  work=$(mktemp -d "$1/.spacesync-install.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  trap 'exit 130' INT TERM HUP
}

show_release() {
  use_directory "${TMPDIR:-/tmp}"
  find_archive
  printf 'version=%s\nchecksum=%s\n' "$release" "$expected"
}

install_release() {
  choose_prefix
  mkdir -p "$prefix" 2>/dev/null || true
  [ -w "$prefix" ] || fail "$prefix cannot be written" "use --prefix DIR; this script never calls sudo"
  use_directory "$prefix"
  find_archive
  fetch_archive
  unpack
  place
  "$prefix/bin/spacesync" --version
  printf 'installed: %s/bin/spacesync\n' "$prefix"
  case :$PATH: in
    *":$prefix/bin:"*) ;;
    *) printf 'add it to your PATH: export PATH="%s/bin:%sPATH"\n' "$prefix" '$' ;;
  esac
}

uninstall_release() {
  choose_prefix
  list=$prefix/share/spacesync/installed
  [ -f "$list" ] || fail "install.sh did not install spacesync to $prefix" "use --prefix DIR"
  while read -r name; do
    case $name in
      bin/spacesync | bin/git-spacesync) rm -f "$prefix/$name" ;;
    esac
  done <"$list"
  rm -rf "$prefix/share/spacesync"
  printf 'removed: %s/bin/spacesync\n' "$prefix"
  echo "settings (~/.config/spacesync), cache (~/.cache/spacesync) and Git hooks were not removed"
}

# In a function: a download that was cut off runs nothing.
main() {
  parse "$@"
  "$action"
}

main "$@"
