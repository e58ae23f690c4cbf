"""Scripts for tab completion in bash, zsh and fish.

typer's own scripts neither quote completions with spaces nor handle words with a colon.
"""

from papertrack.cli.global_options import TO_COMPLETE

# A command that prints a line for each completion, with its description after a tab.
_DESCRIBED = (
    f"env {TO_COMPLETE}=complete_fish _TYPER_COMPLETE_FISH_ACTION=get-args _TYPER_COMPLETE_ARGS="
)

# In bash a colon ends a word, so only the text after the last colon is completed. COMP_CWORD=-1 is
# the last word; two quotes add an empty word after a space.
_BASH = rf"""_papertrack_completion() {{
    local line="${{COMP_LINE:0:COMP_POINT}}" current="${{COMP_WORDS[COMP_CWORD]}}" candidate
    local word="${{line##*[[:space:]]}}"
    local before_colon="${{word%"${{word##*:}}"}}"
    [[ "$current" == [\"\']* ]] || line+="''"
    COMPREPLY=()
    while IFS= read -r candidate; do
        [[ -n "$candidate" ]] || continue
        case "$current" in
            \"*)
                candidate="${{candidate//\\/\\\\}}"
                candidate="${{candidate//\"/\\\"}}"
                candidate="${{candidate//\$/\\\$}}"
                candidate="${{candidate//\`/\\\`}}"
                ;;
            \'*) candidate="${{candidate//\'/\'\\\'\'}}" ;;
            *)
                printf -v candidate '%q' "$candidate"
                candidate="${{candidate#"$before_colon"}}"
                ;;
        esac
        COMPREPLY+=("$candidate")
    done < <(env {TO_COMPLETE}=complete_bash COMP_CWORD=-1 COMP_WORDS="$line" "$1" 2>/dev/null)
}}

complete -o default -F _papertrack_completion papertrack
"""

_ZSH = f"""#compdef papertrack

_papertrack() {{
    local -a ids shown
    local line
    while IFS= read -r line; do
        [[ -n "$line" ]] || continue
        ids+=("${{line%%$'\\t'*}}")
        shown+=("${{line/$'\\t'/  -- }}")
    done < <({_DESCRIBED}"${{(j: :)words[1,CURRENT]}}" "${{words[1]}}" 2>/dev/null)
    if (( $#ids )); then
        compadd -l -V papertrack -d shown -a ids
    else
        _files
    fi
}}

if [[ "$funcstack[1]" == _papertrack ]]; then
    _papertrack "$@"
else
    compdef _papertrack papertrack
fi
"""

_FISH = f"""function __papertrack_complete
    set -l lines ({_DESCRIBED}(commandline -cp) papertrack 2>/dev/null)
    if test -n "$lines"
        string join \\n -- $lines
    else
        __fish_complete_path (commandline -ct)
    end
end

complete --command papertrack --no-files --keep-order --arguments '(__papertrack_complete)'
"""

SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}
