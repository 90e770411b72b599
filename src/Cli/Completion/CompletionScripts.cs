namespace Admission.Cli.Completion;

/// <summary>The scripts. Each gives the words up to the cursor to <see cref="SuggestCommand"/>, and offers files where that knows nothing.</summary>
internal static class CompletionScripts
{
    // COMP_WORDBREAKS has the colon, at which bash would begin a new word within an address.
    public const string Bash =
        $$"""
        # bash completion of admission: source <(admission completion bash)
        _admission() {
          local word=${COMP_WORDS[COMP_CWORD]} line=${COMP_LINE:0:COMP_POINT} words
          read -r -a words <<<"$line"
          [[ $line == *[[:space:]] ]] && words+=("")
          word=${words[${#words[@]}-1]}
          local IFS=$'\n'
          COMPREPLY=($("${words[0]}" {{SuggestCommand.CommandName}} -- "${words[@]:1}" 2>/dev/null))
          if [[ $word == *:* && $COMP_WORDBREAKS == *:* ]]; then
            COMPREPLY=("${COMPREPLY[@]#"${word%"${word##*:}"}"}")
          fi
        }
        complete -o bashdefault -o default -F _admission admission
        """;

    public const string Zsh =
        $$"""
        # zsh completion of admission: source <(admission completion zsh)
        _admission() {
          local -a found
          found=("${(@f)$("${words[1]}" {{SuggestCommand.CommandName}} -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
          if (( ${#found} )) && [[ -n ${found[1]} ]]; then
            compadd -- "${found[@]}"
          else
            _files
          fi
        }
        compdef _admission admission
        """;

    public const string Fish =
        $$"""
        # fish completion of admission: admission completion fish | source
        function __admission_complete
          set -l words (commandline -opc) (commandline -ct)
          set -l found ($words[1] {{SuggestCommand.CommandName}} -- $words[2..] 2>/dev/null)
          if test (count $found) -gt 0
            printf '%s\n' $found
          else
            __fish_complete_path (commandline -ct)
          end
        end
        complete -c admission -f -a '(__admission_complete)'
        """;

    public const string PowerShell =
        $$"""
        # PowerShell completion of admission: admission completion pwsh | Out-String | Invoke-Expression
        Register-ArgumentCompleter -Native -CommandName admission -ScriptBlock {
          param($wordToComplete, $commandAst, $cursorPosition)
          $words = @($commandAst.CommandElements | Where-Object { $_.Extent.StartOffset -lt $cursorPosition } | ForEach-Object { $_.ToString() })
          if ($wordToComplete -eq '') { $words += '""' }
          $rest = @($words | Select-Object -Skip 1)
          & $words[0] {{SuggestCommand.CommandName}} -- @rest 2>$null | ForEach-Object {
            [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
          }
        }
        """;
}
