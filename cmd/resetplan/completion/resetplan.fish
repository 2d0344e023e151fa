# fish completion for resetplan; load it with: resetplan completion fish | source
#
# The program itself answers what may come next, from the command line and from the
# plan and lock named in it. The first line of its answer is `files` if a file name
# may come next, else `words`.
function __resetplan_complete
    set -l words (commandline -opc)
    set -l last (commandline -ct)
    set -l answer ($words[1] __complete -- $words[2..-1] "$last" 2>/dev/null)
    printf '%s\n' $answer[2..-1]
    test "$answer[1]" = files; and __fish_complete_path (string replace -r '^--[^=]*=' '' -- "$last")
end
complete -c resetplan -f -a '(__resetplan_complete)'
