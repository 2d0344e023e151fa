# PowerShell completion for resetplan; load it with:
#   resetplan completion powershell | Out-String | Invoke-Expression
#
# The program itself answers what may come next, from the command line and from the
# plan and lock named in it. The first line of its answer is `files` if a file name
# may come next, else `words`.
Register-ArgumentCompleter -Native -CommandName 'resetplan', 'resetplan.exe' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $program = $commandAst.CommandElements[0].Extent.Text.Trim("'", '"')
    $words = @()
    foreach ($element in @($commandAst.CommandElements | Select-Object -Skip 1)) {
        if ($element.Extent.EndOffset -ge $cursorPosition) { break }
        if ($element -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $words += $element.Value }
        else { $words += $element.Extent.Text }
    }
    $last = "$wordToComplete".Trim("'", '"')
    # Windows PowerShell does not pass an empty argument to a program.
    $arguments = @('__complete', '--next', '--') + $words
    if ($last -ne '') { $arguments = @('__complete', '--') + $words + @($last) }
    $code = $global:LASTEXITCODE
    $answer = @(& $program @arguments 2>$null)
    $global:LASTEXITCODE = $code
    foreach ($line in @($answer | Select-Object -Skip 1)) {
        $text, $about = $line -split "`t", 2
        if (-not $text) { continue }
        if (-not $about) { $about = $text }
        $typed = $text
        if ($text -notmatch '^[\w./:=+%-][\w./:=+%@-]*$') { $typed = "'" + $text.Replace("'", "''") + "'" }
        [System.Management.Automation.CompletionResult]::new($typed, $text, 'ParameterValue', $about)
    }
    if ($answer.Count -gt 0 -and $answer[0] -eq 'files') {
        $flag = ''
        if ($last -match '^(--[^=]*=)(.*)$') { $flag = $Matches[1]; $last = $Matches[2] }
        foreach ($file in [System.Management.Automation.CompletionCompleters]::CompleteFilename($last)) {
            [System.Management.Automation.CompletionResult]::new($flag + $file.CompletionText, $file.ListItemText, $file.ResultType, $file.ToolTip)
        }
    }
}
