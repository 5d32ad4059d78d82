/** For bash 3.2 and later. All that is hard about its words is done by `readBashLine`. */
export const bashScript = `# Completion for oneoff in bash. In ~/.bashrc:  eval "$(oneoff completion bash)"
_oneoff() {
  local program line kind= IFS=$'\\n'
  program=$(type -P -- "$1") || program=oneoff
  COMPREPLY=()
  while read -r line; do
    if [[ -z $kind ]]; then kind=$line; else COMPREPLY+=("$line"); fi
  done < <("$program" __complete bash "\${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null </dev/null)
  case $kind in
    files*)
      [[ \${#COMPREPLY[@]} -gt 0 ]] || compopt -o default 2>/dev/null || COMPREPLY=($(compgen -f -- "$2")) ;;
    folders*)
      compopt -o filenames 2>/dev/null
      COMPREPLY=($(compgen -d -- "$2")) ;;
  esac
  case $COMPREPLY in *[=:]) compopt -o nospace 2>/dev/null ;; esac
}
complete -F _oneoff oneoff
`;
