#!/bin/sh
# Installs the oneoff binary, its man page and its completions from local files. Needs no network, never calls sudo, and
# leaves nothing behind when it fails.
#   sh install.sh [--from FILE|DIR] [--to DIR]    install or replace oneoff, also while it is running
#   sh install.sh --uninstall [--to DIR]          remove oneoff
#   sh install.sh --help                          print the options
# Exit codes: 0 success, 1 failure, 2 usage error, 129/130/143 ended by HUP/INT/TERM.
set -u

usage() {
  cat <<'USAGE'
Usage: sh install.sh [--from FILE|DIR] [--to DIR]
       sh install.sh --uninstall [--to DIR]

Install oneoff, its man page and its completions from local files.

Options:
  --from FILE|DIR  Binary with <name>.sha256 beside it, or release archive (.tar.xz or
                   .tar.gz) with SHA256SUMS beside it. Or a folder with either, named
                   oneoff-<os>-<arch>, oneoff or oneoff-<version>-<os>-<arch>.tar.xz
                   (os: linux, macos; arch: x64, arm64). Without xz the .tar.gz is used.
                   oneoff.1 and completions/ beside the binary are installed too.
                   (default: the folder of install.sh, then its dist folder)
  --to DIR         Target folder, created if missing. If its name is bin, man page and
                   completions are installed in share/ beside it.
                   (default: /usr/local/bin)
  --uninstall      Remove installed files. Files that were changed, or that install.sh
                   did not install, are kept.
  --help           Print this help
USAGE
}

warn() { printf 'install.sh: %s\n' "$*" >&2; }
die() { warn "$*"; exit 1; }
misuse() { warn "$*; see: sh install.sh --help"; exit 2; }
quote() { printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")"; }
absolute() { CDPATH='' cd -- "$1" 2>/dev/null && pwd; }
can_verify() {
  command -v sha256sum >/dev/null || command -v shasum >/dev/null ||
    die "cannot verify $1: sha256sum and shasum not found; install coreutils or perl, then retry"
}
digest() { if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi <"$1" | cut -c 1-64; }

no_access() { # $1: what failed; $2: the options for sudo
  own='use a folder of your own, e.g. --to ~/.local/bin'
  [ "$(id -u)" -ne 0 ] || die "$1, even as root; $own"
  self=$0 && [ -f "$0" ] || self=install.sh
  die "$1; $own, or run as root: sudo sh $(quote "$self") $2"
}

each_extra() { # Calls $1 with each optional file beside the binary, and with its path below $share.
  [ -n "$share" ] || return 0
  "$1" oneoff.1 "$share/man/man1/oneoff.1"
  "$1" completions/oneoff.bash "$share/bash-completion/completions/oneoff"
  "$1" completions/_oneoff "$share/zsh/site-functions/_oneoff"
  "$1" completions/oneoff.fish "$share/fish/vendor_completions.d/oneoff.fish"
}
share_of() { case $1 in /bin) ;; */bin) printf '%s/share' "${1%/*}" ;; esac; }
listed() { awk -v name="$1" '$2 == name || $2 == "*" name { print tolower($1); exit }' <"$2"; }
stage() {
  [ -f "$beside/$1" ] || { keep_record "$1"; return 0; }
  sum=$(listed "$1" "$from.sha256")
  if [ -z "$sum" ]; then
    warn "warning: $from.sha256 does not list $1; not installed"
    keep_record "$1"
    return 0
  fi
  [ ! -d "$2" ] || die "$2 is a folder; remove it, or use another folder with --to DIR"
  folder=$(dirname -- "$2")
  mkdir -p -- "$folder" 2>/dev/null || no_access "cannot create the folder of $2" "$again"
  [ -w "$folder" ] || no_access "cannot write $2" "$again"
  mkdir -p -- "$temp/$(dirname -- "$1")" && cp -- "$beside/$1" "$temp/$1" 2>/dev/null && chmod 644 "$temp/$1" ||
    die "copy of $beside/$1 to $dir is incomplete; check the free space, then retry"
  [ "$(digest "$temp/$1")" = "$sum" ] ||
    die "wrong checksum: $beside/$1 does not match $from.sha256; download both again"
  record "$1" "$sum"
}
settle() { [ ! -f "$temp/$1" ] || mv -f -- "$temp/$1" "$2" 2>/dev/null || warn "warning: cannot replace $2"; }
# Checksums of installed files: --uninstall removes only files that still match.
record() { printf '%s  %s\n' "$2" "$1" >>"$temp/installed"; }
recorded() { [ ! -f "$dir/.oneoff.installed" ] || listed "$1" "$dir/.oneoff.installed"; }
keep_record() {
  sum=$(recorded "$1")
  [ -z "$sum" ] || record "$1" "$sum"
}
drop() {
  [ -f "$2" ] || [ -L "$2" ] || return 0
  if [ -L "$2" ] || [ "$(digest "$2")" != "$(recorded "$1")" ]; then
    warn "kept $2, which is not the file that install.sh installed; to remove it: rm $(quote "$2")"
    left=1
    return 0
  fi
  rm -f -- "$2" 2>/dev/null || no_access "cannot remove $2" "--uninstall --to $(quote "$to")"
  printf 'removed %s\n' "$2"
}

find_in() { # The exact name comes first: a plain oneoff beside it may be for another platform.
  for from in "$1/oneoff-$platform" "$1/oneoff"; do [ -f "$from" ] && return; done
  return 1
}

find_archive() { # Sets $from to the path of the archive of this platform, without .tar.xz or .tar.gz.
  from=''
  for archive in "$1"/oneoff-*-"$platform".tar.[xg]z; do
    [ -f "$archive" ] || continue
    [ "${from:-${archive%.tar.?z}}" = "${archive%.tar.?z}" ] ||
      die "several versions of oneoff for $platform in $1; use --from with one archive"
    from=${archive%.tar.?z}
  done
  [ -n "$from" ]
}

check_archive() {
  case ${1##*/} in oneoff-*-"$platform".tar.?z) ;; *)
    die "wrong platform: $1 is not named oneoff-VERSION-$platform.tar.xz or .tar.gz; use --from with that archive" ;;
  esac
  sums=$(dirname -- "$1")/SHA256SUMS
  [ -r "$sums" ] || die "no checksum: cannot read $sums; copy it from the release of the archive"
  sum=$(listed "${1##*/}" "$sums")
  [ -n "$sum" ] || die "no checksum: $sums does not list ${1##*/}; copy SHA256SUMS from the release of the archive"
  can_verify "$1"
  [ "$(digest "$1")" = "$sum" ] || die "wrong checksum: $1 does not match $sums; download both again"
}

unpack() { # Sets $from to the binary in the first of these archives that exists and that this machine can unpack.
  unpacked=$(mktemp -d "${TMPDIR:-/tmp}/oneoff.XXXXXX" 2>/dev/null) ||
    die "cannot write to ${TMPDIR:-/tmp}; set TMPDIR to a folder with free space"
  for archive; do
    [ -r "$archive" ] || continue
    check_archive "$archive"
    case $archive in *.xz) format=J ;; *) format=z ;; esac
    name=${archive##*/} source=$archive
    # From stdin: GNU tar takes a path with a colon for a remote one.
    why=$(tar "-x${format}f" - -C "$unpacked" <"$archive" 2>&1) && from=$unpacked/${name%.tar.?z}/oneoff && return
  done
  [ -n "$source" ] || die "cannot read $1; make it readable (chmod a+r), or use --from with another file"
  case $source in
    *.xz) advice='install xz, or use --from with the .tar.gz' ;;
    *) advice="check the free space of ${TMPDIR:-/tmp}, or set TMPDIR to another folder" ;;
  esac
  die "cannot unpack $source ($(printf '%s\n' "$why" | head -n 1)); $advice"
}

find_source() {
  if [ -d "$from" ]; then
    dir=$(absolute "$from") || die "cannot open the folder $from; check its permissions, or use --from FILE"
    find_in "$dir" || find_archive "$dir" ||
      die "no oneoff-$platform, oneoff or archive in $dir; use --from with the file or another folder"
  elif [ -n "$from" ]; then
    [ -f "$from" ] || die "no such file or folder: $from; use --from with an existing one"
  else
    [ -f "$0" ] || die "no source: install.sh is not run from a file; use --from FILE|DIR"
    dir=$(absolute "$(dirname -- "$0")") || die "cannot open the folder of $0; use --from FILE|DIR"
    find_in "$dir" || find_in "$dir/dist" || find_archive "$dir" ||
      die "no oneoff-$platform, oneoff or archive in $dir or $dir/dist; build it (npm run build), or use --from FILE|DIR"
  fi
  case $from in
    *.tar.?z) unpack "$from" ;;
    *-"$platform") [ -f "$from" ] || unpack "$from.tar.xz" "$from.tar.gz" ;;
  esac
  [ -r "$from" ] || die "cannot read $from; make it readable (chmod a+r), or use --from with another file"
}

check_source() {
  [ -r "$from.sha256" ] || die "no checksum: cannot read $from.sha256; copy it from the release of the binary"
  want=$(awk 'NR == 1 { print tolower($1) }' <"$from.sha256")
  case ${#want}:$want in 64:*[!0-9a-f]*) want='' ;; esac
  [ ${#want} -eq 64 ] ||
    die "invalid checksum file $from.sha256: expected 'HEX  name' as in sha256sum; download it again"
  can_verify "$from"
  [ "$(digest "$from")" = "$want" ] || die "wrong checksum: $from does not match $from.sha256; download both again"
  case $(od -A n -v -t x1 -N 20 <"$from" | tr -d ' \n') in
    7f454c460201*3e00) built=linux-x64 ;;
    7f454c460201*b700) built=linux-arm64 ;;
    cffaedfe07000001*) built=macos-x64 ;;
    cffaedfe0c000001*) built=macos-arm64 ;;
    *) built='not a 64-bit ELF or Mach-O executable' ;;
  esac
  [ "$built" = "$platform" ] ||
    die "wrong platform: $from is $built, this machine is $platform; use --from with oneoff-$platform"
}

install_it() {
  case $(uname -s)-$(uname -m) in
    Linux-x86_64 | Linux-amd64) platform=linux-x64 ;;
    Linux-aarch64 | Linux-arm64) platform=linux-arm64 ;;
    Darwin-x86_64) platform=macos-x64 ;;
    Darwin-arm64) platform=macos-arm64 ;;
    *) die "unsupported platform: $(uname -s) on $(uname -m); use Linux or macOS on x64 or arm64" ;;
  esac
  find_source
  check_source
  again="--from $(quote "${source:-$from}") --to $(quote "$to")"
  mkdir -p -- "$to" 2>/dev/null || no_access "cannot create the folder $to" "$again"
  dir=$(absolute "$to") || no_access "cannot open the folder $to" "$again"
  target=${dir%/}/oneoff
  [ ! -d "$target" ] || die "$target is a folder; remove it, or use another folder with --to DIR"
  dir=${dir%/}
  # A unique folder: another user could create a link at a predictable path.
  temp=$(mktemp -d "$dir/.oneoff.XXXXXX" 2>/dev/null) || no_access "cannot write to $dir" "$again"
  binary=$temp/oneoff
  { cp -- "$from" "$binary" && chmod 755 "$binary" && [ "$(digest "$binary")" = "$want" ]; } ||
    die "copy of $from to $dir is incomplete; check the free space, then retry"
  version=$("$binary" --version 2>/dev/null </dev/null) || version=''
  if [ -z "$version" ]; then
    why=$("$binary" --version 2>&1 </dev/null | head -n 1)
    die "${source:-$from} does not start (${why:-no output}); if $dir is mounted noexec, use another folder with --to DIR"
  fi
  beside=$(absolute "$(dirname -- "$from")") share=$(share_of "$dir")
  record oneoff "$want"
  each_extra stage
  mv -f -- "$binary" "$target" 2>/dev/null || no_access "cannot replace $target" "$again"
  trap '' HUP INT TERM # Only renames are left; an interrupted installation would be incomplete.
  mv -f -- "$temp/installed" "$dir/.oneoff.installed" || warn "warning: cannot write $dir/.oneoff.installed"
  each_extra settle
  version=$(printf '%s\n' "$version" | head -n 1)
  printf 'installed %s, version %s\n' "$target" "${version#oneoff }"
  found=$(command -v oneoff) || found=''
  [ -n "$found" ] && [ "$(cd -P -- "$(dirname -- "$found")" && pwd)" = "$(cd -P -- "$dir" && pwd)" ] && return
  warn "warning: PATH finds ${found:-no oneoff}, not this one; run: export PATH=$(quote "$dir"):\"\$PATH\""
}

uninstall() {
  target=${to%/}/oneoff
  [ ! -d "$target" ] || die "$target is a folder, not a file of install.sh; use another folder with --to DIR"
  [ -e "$target" ] || [ -L "$target" ] || printf 'nothing to remove: %s does not exist\n' "$target"
  dir=$(absolute "$to") || return 0
  dir=${dir%/} left=''
  can_verify "installed files"
  drop oneoff "$target"
  share=$(share_of "$dir")
  each_extra drop
  [ -z "$left" ] || exit 1
  rm -f -- "$dir/.oneoff.installed" 2>/dev/null || no_access "cannot remove $dir/.oneoff.installed" "--uninstall --to $(quote "$to")"
}

main() {
  from='' to=/usr/local/bin action=install_it temp='' unpacked='' source='' share=''
  while [ $# -gt 0 ]; do
    case $1 in
      --from | --to)
        case ${2-} in '' | -*) misuse "$1 requires a path (write a path that starts with - as ./-...)" ;; esac
        if [ "$1" = --from ]; then from=$2; else to=$2; fi
        shift ;;
      --uninstall) action=uninstall ;;
      --help | -h) usage; exit 0 ;;
      *) misuse "unknown option: $1" ;;
    esac
    shift
  done
  [ "$action" = install_it ] || [ -z "$from" ] || misuse "--uninstall and --from cannot be used together"
  # Folders have mode 755, whatever the umask of the caller.
  umask 022
  trap 'for folder in "$temp" "$unpacked"; do [ -z "$folder" ] || rm -rf -- "$folder"; done' EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  "$action"
}

main "$@"
