/** For bash 3.2 and later. `readBashLine` handles its quoting and word breaks. */
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

export const zshScript = `#compdef oneoff
# Completion for oneoff in zsh. As a file _oneoff in a folder of fpath, or in ~/.zshrc:  eval "$(oneoff completion zsh)"
_oneoff() {
  local program line kind value
  local -a answer closed open
  program=\${\${(Q)words[1]}/#\\~/$HOME}
  whence -p -- $program >/dev/null || program=oneoff
  answer=("\${(@f)$("$program" __complete zsh "\${(@Q)words[2,CURRENT-1]}" "\${(Q)IPREFIX}\${(Q)PREFIX}" 2>/dev/null </dev/null)}")
  kind=$answer[1]
  for line in "\${(@)answer[2,-1]}"; do
    value=\${line%%$'\\t'*}
    line=\${value//:/\\\\:}:\${line#*$'\\t'}
    if [[ $value == *[=:] ]]; then open+=($line); else closed+=($line); fi
  done
  (( $#closed )) && _describe -V oneoff closed
  (( $#open )) && _describe -V oneoff open -S ''
  if [[ $kind == files* || $kind == folders* ]]; then
    compset -p \${kind#* }
    if [[ $kind == files* ]]; then _files; else _files -/; fi
  fi
}
if [[ $funcstack[1] == _oneoff ]]; then _oneoff "$@"; elif (( $+functions[compdef] )); then compdef _oneoff oneoff; fi
`;

export const fishScript = `# Completion for oneoff in fish. In ~/.config/fish/config.fish:  oneoff completion fish | source
function __oneoff_complete
    set -l words (commandline -opc)
    set -l typed (commandline -ct)
    # Whether no quote is open, or which.
    set -l current (string unescape -- "$typed"; or string unescape -- "$typed'"; or string unescape -- "$typed\\"")
    set -l program $words[1]
    command -q -- $program; or set program oneoff
    set -l answer (command $program __complete fish $words[2..-1] "$current" 2>/dev/null </dev/null)
    set -l kind (string split ' ' -- $answer[1])
    string join \\n -- $answer[2..-1]
    switch "$kind[1]"
        case files folders
            set -l prefix (string sub -l $kind[2] -- "$current")
            set -l rest (string sub -s (math $kind[2] + 1) -- "$current")
            if test $kind[1] = files
                string join \\n -- $prefix(__fish_complete_path $rest)
            else
                string join \\n -- $prefix(__fish_complete_directories $rest '')
            end
    end
end
complete -c oneoff -f -k -a '(__oneoff_complete)'
`;
