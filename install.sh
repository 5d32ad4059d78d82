#!/bin/sh
# Installs the oneoff binary from a local file, and its man page and completions where they lie beside it: no network,
# never sudo by itself, nothing left behind when it refuses.
#   sh install.sh [--from FILE|DIR] [--to DIR]    install, or replace (also while the old one is running)
#   sh install.sh --uninstall [--to DIR]          remove
#   sh install.sh --help                          what the options mean
# Exit status: 0 done, 1 refused, 2 wrong usage, 129/130/143 stopped by HUP/INT/TERM.
set -u

usage() {
  cat <<'USAGE'
usage: sh install.sh [--from FILE|DIR] [--to DIR]
       sh install.sh --uninstall [--to DIR]

  --from FILE|DIR  the binary, or a folder that holds it as oneoff-<os>-<arch> or oneoff
                   (os: linux, macos; arch: x64, arm64), with its <name>.sha256 beside it;
                   oneoff.1 and completions/ there are taken along.
                   Default: the folder install.sh is in, else the dist folder there.
  --to DIR         the folder oneoff goes into, made if missing. Default: /usr/local/bin
                   Where it is called bin, man page and completions go into share/ beside it.
  --uninstall      remove oneoff from the --to folder, and what came along; what has been
                   changed since, or was put there by something else, stays
  --help           this text
USAGE
}

warn() { printf 'install.sh: %s\n' "$*" >&2; }
die() { warn "$*"; exit 1; }
misuse() { warn "$*; for the options: sh install.sh --help"; exit 2; }
quote() { printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")"; }
absolute() { CDPATH='' cd -- "$1" 2>/dev/null && pwd; }
digest() { if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi <"$1" | cut -c 1-64; }

no_access() { # $1: what could not be done; $2: the options to do it with as root
  own='choose a folder of your own, such as --to ~/.local/bin'
  [ "$(id -u)" -ne 0 ] || die "$1, even as root; $own"
  self=$0 && [ -f "$0" ] || self=install.sh
  die "$1; $own, or do it as root: sudo sh $(quote "$self") $2"
}

each_extra() { # Calls $1 with each file that may lie beside the binary, and with its place below $share.
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
    warn "warning: $from.sha256 does not list $1, which is left out"
    keep_record "$1"
    return 0
  fi
  [ ! -d "$2" ] || die "$2 is a folder; remove it, or choose another place with --to DIR"
  folder=$(dirname -- "$2")
  mkdir -p -- "$folder" 2>/dev/null || no_access "cannot make the folder of $2" "$again"
  [ -w "$folder" ] || no_access "cannot write $2" "$again"
  mkdir -p -- "$temp/$(dirname -- "$1")" && cp -- "$beside/$1" "$temp/$1" 2>/dev/null && chmod 644 "$temp/$1" ||
    die "cannot copy $beside/$1 to $dir whole; check the free space there, then run this again"
  [ "$(digest "$temp/$1")" = "$sum" ] ||
    die "wrong checksum: $beside/$1 is not what $from.sha256 says; get both again"
  record "$1" "$sum"
}
settle() { [ ! -f "$temp/$1" ] || mv -f -- "$temp/$1" "$2" 2>/dev/null || warn "warning: cannot replace $2"; }
# What was installed is known by its content: only that is removed again.
record() { printf '%s  %s\n' "$2" "$1" >>"$temp/installed"; }
recorded() { [ ! -f "$dir/.oneoff.installed" ] || listed "$1" "$dir/.oneoff.installed"; }
keep_record() {
  sum=$(recorded "$1")
  [ -z "$sum" ] || record "$1" "$sum"
}
drop() {
  [ -f "$2" ] || [ -L "$2" ] || return 0
  if [ -L "$2" ] || [ "$(digest "$2")" != "$(recorded "$1")" ]; then
    warn "left as it is: $2 is not what install.sh put there; to remove it: rm $(quote "$2")"
    left=1
    return 0
  fi
  rm -f -- "$2" 2>/dev/null || no_access "cannot remove $2" "--uninstall --to $(quote "$to")"
  printf 'removed %s\n' "$2"
}

find_in() { # The exact name goes first: in a folder with several, a plain oneoff may be another machine's.
  for from in "$1/oneoff-$platform" "$1/oneoff"; do [ -f "$from" ] && return; done
  return 1
}

find_source() {
  if [ -d "$from" ]; then
    dir=$(absolute "$from") || die "cannot open the folder $from; check its permissions, or say --from FILE"
    find_in "$dir" || die "no oneoff-$platform and no oneoff in $dir; say --from with the file or another folder"
  elif [ -n "$from" ]; then
    [ -f "$from" ] || die "there is no file or folder $from; say --from with one that exists"
  else
    [ -f "$0" ] || die "not run from a file, so there is no folder to look in; say --from FILE|DIR"
    dir=$(absolute "$(dirname -- "$0")") || die "cannot open the folder of $0; say --from FILE|DIR"
    find_in "$dir" || find_in "$dir/dist" ||
      die "no oneoff-$platform and no oneoff in $dir or $dir/dist; build it (npm run build), or say --from FILE|DIR"
  fi
  [ -r "$from" ] || die "cannot read $from; make it readable (chmod a+r), or say --from with another"
}

check_source() {
  [ -r "$from.sha256" ] || die "no checksum: cannot read $from.sha256; put the one that came with the binary there"
  want=$(awk 'NR == 1 { print tolower($1) }' <"$from.sha256")
  case ${#want}:$want in 64:*[!0-9a-f]*) want='' ;; esac
  [ ${#want} -eq 64 ] ||
    die "bad checksum file: $from.sha256 is not 'HEX  name' as sha256sum writes it; get it again"
  command -v sha256sum >/dev/null || command -v shasum >/dev/null ||
    die "cannot check $from: neither sha256sum nor shasum is here; install coreutils (or perl), then run this again"
  [ "$(digest "$from")" = "$want" ] || die "wrong checksum: $from is not what $from.sha256 says; get both again"
  case $(od -A n -v -t x1 -N 20 <"$from" | tr -d ' \n') in
    7f454c460201*3e00) built=linux-x64 ;;
    7f454c460201*b700) built=linux-arm64 ;;
    cffaedfe07000001*) built=macos-x64 ;;
    cffaedfe0c000001*) built=macos-arm64 ;;
    *) built='not a 64-bit ELF or Mach-O executable' ;;
  esac
  [ "$built" = "$platform" ] ||
    die "wrong platform: $from is $built, this machine is $platform; say --from with oneoff-$platform"
}

install_it() {
  case $(uname -s)-$(uname -m) in
    Linux-x86_64 | Linux-amd64) platform=linux-x64 ;;
    Linux-aarch64 | Linux-arm64) platform=linux-arm64 ;;
    Darwin-x86_64) platform=macos-x64 ;;
    Darwin-arm64) platform=macos-arm64 ;;
    *) die "wrong platform: there is no oneoff for $(uname -s) on $(uname -m); use Linux or macOS on x64 or arm64" ;;
  esac
  find_source
  check_source
  again="--from $(quote "$from") --to $(quote "$to")"
  mkdir -p -- "$to" 2>/dev/null || no_access "cannot make the folder $to" "$again"
  dir=$(absolute "$to") || no_access "cannot open the folder $to" "$again"
  target=${dir%/}/oneoff
  [ ! -d "$target" ] || die "$target is a folder; remove it, or choose another place with --to DIR"
  dir=${dir%/}
  # A folder of our own: what has a name that others can guess may be a link that they made.
  temp=$(mktemp -d "$dir/.oneoff.XXXXXX" 2>/dev/null) || no_access "cannot write to $dir" "$again"
  binary=$temp/oneoff
  { cp -- "$from" "$binary" && chmod 755 "$binary" && [ "$(digest "$binary")" = "$want" ]; } ||
    die "cannot copy $from to $dir whole; check the free space there, then run this again"
  version=$("$binary" --version 2>/dev/null </dev/null) || version=''
  if [ -z "$version" ]; then
    why=$("$binary" --version 2>&1 </dev/null | head -n 1)
    die "$from does not start (${why:-no word from it}); if $dir is mounted noexec choose another with --to DIR"
  fi
  beside=$(absolute "$(dirname -- "$from")") share=$(share_of "$dir")
  record oneoff "$want"
  each_extra stage
  mv -f -- "$binary" "$target" 2>/dev/null || no_access "cannot replace $target" "$again"
  trap '' HUP INT TERM # The rest lies where it only has to be moved: half of it is worse than all of it.
  mv -f -- "$temp/installed" "$dir/.oneoff.installed" || warn "warning: cannot write $dir/.oneoff.installed"
  each_extra settle
  version=$(printf '%s\n' "$version" | head -n 1)
  printf 'installed %s, version %s\n' "$target" "${version#oneoff }"
  found=$(command -v oneoff) || found=''
  [ -n "$found" ] && [ "$(cd -P -- "$(dirname -- "$found")" && pwd)" = "$(cd -P -- "$dir" && pwd)" ] && return
  warn "warning: PATH leads to ${found:-no oneoff}, not to this one; type: export PATH=$(quote "$dir"):\"\$PATH\""
}

uninstall() {
  target=${to%/}/oneoff
  [ ! -d "$target" ] || die "$target is a folder, not what this installs; look into it, or say another --to DIR"
  [ -e "$target" ] || [ -L "$target" ] || printf 'nothing to remove: there is no %s\n' "$target"
  dir=$(absolute "$to") || return 0
  dir=${dir%/} left=''
  command -v sha256sum >/dev/null || command -v shasum >/dev/null ||
    die "cannot tell what was installed: neither sha256sum nor shasum is here; install coreutils (or perl)"
  drop oneoff "$target"
  share=$(share_of "$dir")
  each_extra drop
  [ -z "$left" ] || exit 1
  rm -f -- "$dir/.oneoff.installed" 2>/dev/null || no_access "cannot remove $dir/.oneoff.installed" "--uninstall --to $(quote "$to")"
}

main() {
  from='' to=/usr/local/bin action=install_it temp='' share=''
  while [ $# -gt 0 ]; do
    case $1 in
      --from | --to)
        case ${2-} in '' | -*) misuse "$1 needs a path after it (one that starts with - goes as ./-...)" ;; esac
        if [ "$1" = --from ]; then from=$2; else to=$2; fi
        shift ;;
      --uninstall) action=uninstall ;;
      --help | -h) usage; exit 0 ;;
      *) misuse "unknown option: $1" ;;
    esac
    shift
  done
  [ "$action" = install_it ] || [ -z "$from" ] || misuse "--uninstall takes no --from"
  # Folders are for all to read and for their owner to write, whatever the umask.
  umask 022
  trap '[ -z "$temp" ] || rm -rf -- "$temp"' EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  "$action"
}

main "$@"
