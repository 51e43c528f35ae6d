/**
 * Scripts of the shells. They call `ktx complete` for the candidates, and pass them on as data: no script evaluates a
 * word of the user or a name of the project, as the scripts of libraries do (by `eval`, `compgen -W` or `Invoke-Expression`).
 */

import type { Shell } from './shells.js';

// Bash inserts candidates as they are, so that `complete --line` quotes them.
const BASH = `# Completion of ktx for bash. To enable it: eval "$(ktx completion bash)"
_ktx() {
  local value
  COMPREPLY=()
  while IFS=$'\\t' read -r value _; do
    COMPREPLY+=("$value")
  done < <("$1" complete --breaks="$COMP_WORDBREAKS" --line="\${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
}
complete -o default -F _ktx ktx
`;

// compadd quotes what it inserts.
const ZSH = `#compdef ktx
# Completion of ktx for zsh. To enable it: eval "$(ktx completion zsh)"
_ktx() {
  local -a values lines
  local value description
  while IFS=$'\\t' read -r value description; do
    values+=("$value")
    lines+=("$value\${description:+  -- $description}")
  done < <("\${(Q)words[1]}" complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)
  if (( $#values )); then
    compadd -l -d lines -a values
  else
    _files
  fi
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _ktx "$@"
else
  compdef _ktx ktx
fi
`;

// Fish quotes what it inserts.
const FISH = `# Completion of ktx for fish. To enable it: ktx completion fish | source
function __ktx_complete
  set -l words (commandline -opc)
  set -l current (commandline -ct | string unescape)
  set -l candidates ($words[1] complete -- $words[2..-1] "$current" 2>/dev/null)
  if set -q candidates[1]
    printf '%s\\n' $candidates
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c ktx -f -a '(__ktx_complete)'
`;

// Old versions of PowerShell drop empty arguments, hence --next.
const POWERSHELL = `# Completion of ktx for PowerShell. To enable it: ktx completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName ktx -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | Select-Object -Skip 1 | Where-Object { $_.Extent.StartOffset -lt $cursorPosition } | ForEach-Object {
    if ($_ -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $_.Value } else { $_.Extent.Text }
  })
  $flags = @(if ($wordToComplete -eq '') { '--next' })
  & $commandAst.GetCommandName() complete @flags '--' @words 2>$null | ForEach-Object {
    $value, $description = $_ -split "\`t", 2
    $text = if ($value -match '^[\\w.:/=+-]+$') { $value } else { "'" + $value.Replace("'", "''") + "'" }
    $tip = if ($description) { $description } else { $value }
    [System.Management.Automation.CompletionResult]::new($text, $value, 'ParameterValue', $tip)
  }
}
`;

/** The script of each shell. */
export const SCRIPTS: Record<Shell, string> = { bash: BASH, zsh: ZSH, fish: FISH, powershell: POWERSHELL };
