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
