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
