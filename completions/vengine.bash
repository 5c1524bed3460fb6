# Bash completion for vengine(1).
_vengine()
{
    local commands="run replay doctor help --version --help"
    local run_options="--level --ticks --seed --threads --headless --size --set --record --hashes --screenshot --frames
        --video --report --max-fps --gpu --validation --verbose --quiet --help"
    local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local command=${COMP_WORDS[1]:-} project=${COMP_WORDS[2]:-}
    COMPREPLY=()

    if ((COMP_CWORD == 1)); then
        mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$word")
        return
    fi
    case $previous in
        --level)
            local levels="" file
            for file in "$project"/levels/*.toml; do
                [[ ! -e $file ]] || levels+=" $(basename "$file" .toml)"
            done
            mapfile -t COMPREPLY < <(
                compgen -W "$levels" -- "$word"
                compgen -f -X '!*.toml' -- "$word"
            )
            return
            ;;
        --frames)
            mapfile -t COMPREPLY < <(compgen -d -- "$word")
            return
            ;;
        --record | --hashes | --screenshot | --video | --report)
            mapfile -t COMPREPLY < <(compgen -f -- "$word")
            return
            ;;
        --size)
            mapfile -t COMPREPLY < <(compgen -W "1280x720 1920x1080 3840x2160" -- "$word")
            return
            ;;
        --ticks | --seed | --threads | --set | --max-fps | --gpu) return ;;
    esac
    case $command in
        run)
            if [[ $word == -* ]]; then
                mapfile -t COMPREPLY < <(compgen -W "$run_options" -- "$word")
            elif ((COMP_CWORD == 2)); then
                mapfile -t COMPREPLY < <(compgen -d -- "$word")
            fi
            ;;
        replay)
            if [[ $word == -* ]]; then
                mapfile -t COMPREPLY < <(compgen -W "--threads --help" -- "$word")
            else
                mapfile -t COMPREPLY < <(
                    compgen -f -X '!*.vrec' -- "$word"
                    compgen -d -- "$word"
                )
            fi
            ;;
        help) mapfile -t COMPREPLY < <(compgen -W "run replay doctor" -- "$word") ;;
    esac
}
complete -o filenames -F _vengine vengine
