import { type Context, exitCodes } from "./context.ts";

// Each asks the very program that is being typed, which knows its commands: `flashfleet complete SHELL …`.
const bash = `# flashfleet in bash: source <(flashfleet completion bash)
_flashfleet() {
  local cur=\${COMP_WORDS[COMP_CWORD]} line
  [[ $cur == [=:] ]] && cur=
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :nospace) compopt -o nospace ;;
      :files)
        compopt -o filenames
        mapfile -t -O "\${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$cur") ;;
      :directories)
        compopt -o filenames
        mapfile -t -O "\${#COMPREPLY[@]}" COMPREPLY < <(compgen -d -- "$cur") ;;
      :playbooks)
        compopt -o filenames
        mapfile -t -O "\${#COMPREPLY[@]}" COMPREPLY < <(
          compgen -d -- "$cur"
          compgen -f -X '!*.yml' -- "$cur"
          compgen -f -X '!*.yaml' -- "$cur"
        ) ;;
      *) COMPREPLY+=("$line") ;;
    esac
  done < <("\${COMP_WORDS[0]}" complete bash "$COMP_LINE" "$COMP_POINT" "$COMP_WORDBREAKS" 2> /dev/null)
}
complete -o nosort -F _flashfleet flashfleet
`;

const zsh = `#compdef flashfleet
# flashfleet in zsh: source <(flashfleet completion zsh), or as _flashfleet in a directory of $fpath
_flashfleet() {
  local line
  local -a found values
  local -a how
  found=("\${(@f)$("\${words[1]}" complete zsh -- "\${(@Q)words[2,CURRENT]}" 2> /dev/null)}")
  for line in $found; do
    case $line in
      :nospace) how=(-S '') ;;
      :files) _files ;;
      :directories) _files -/ ;;
      :playbooks) _path_files -/; _path_files -g '*.(yml|yaml)' ;;
      ?*) values+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}") ;;
    esac
  done
  (( $#values )) && _describe -V flashfleet values "\${how[@]}"
}
if [[ $funcstack[1] == _flashfleet ]]; then _flashfleet "$@"; else compdef _flashfleet flashfleet; fi
`;

const fish = `# flashfleet in fish: flashfleet completion fish > ~/.config/fish/completions/flashfleet.fish
function __flashfleet_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in ($words[1] complete fish -- $words[2..-1] "$current" 2> /dev/null)
        switch $line
            case :nospace
            case :files
                __fish_complete_path "$current"
            case :directories
                __fish_complete_directories "$current"
            case :playbooks
                __fish_complete_path "$current" | string match -r '^.*(?:/|\\.ya?ml)(?:\\t.*)?$'
            case '*'
                printf '%s\\n' $line
        end
    end
end
complete -c flashfleet -f -k -a '(__flashfleet_complete)'
`;

/** A script of each shell that completes commands, and how it is loaded. */
export const shells = { bash, zsh, fish };
export type Shell = keyof typeof shells;

/** Prints the script of a shell. */
export function completion({ out }: Context, shell: Shell): number {
  out(shells[shell]);
  return exitCodes.fine;
}
