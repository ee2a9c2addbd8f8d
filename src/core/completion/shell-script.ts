export type Shell = 'bash' | 'zsh' | 'fish'

/** The script by which a shell asks devloop what may stand where the cursor is. The program is called as it was typed. */
export function shellScript(shell: Shell): string {
  switch (shell) {
    case 'bash':
      return BASH
    case 'zsh':
      return ZSH
    case 'fish':
      return FISH
  }
}

const BASH = `# bash completion of devloop. In ~/.bashrc: source <(devloop completion bash)
_devloop_complete() {
  local IFS=$'\\n'
  COMPREPLY=($("$1" complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _devloop_complete devloop
`

const ZSH = `#compdef devloop
# zsh completion of devloop. In ~/.zshrc, after compinit: source <(devloop completion zsh)
_devloop() {
  local value text
  local -a described
  while IFS=$'\\t' read -r value text; do
    described+=("\${value//:/\\\\:}\${text:+:$text}")
  done < <("\${words[1]}" complete --describe -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#described} )); then
    _describe -V devloop described
  else
    _files
  fi
}
compdef _devloop devloop
`

const FISH = `# fish completion of devloop. Once: devloop completion fish > ~/.config/fish/completions/devloop.fish
function __devloop_complete
    set -l words (commandline -opc)
    set -l last (commandline -ct)
    test -n "$last"; or set last ''
    $words[1] complete --describe -- $words[2..-1] $last 2>/dev/null
end
complete -c devloop -f -a '(__devloop_complete)'
complete -c devloop -s f -l file -r -F
`
