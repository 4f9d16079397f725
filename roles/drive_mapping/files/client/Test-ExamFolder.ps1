<#
.SYNOPSIS
Write one file of random content through the drive of the exam folder: the trial before the exam (V4, V7).
.DESCRIPTION
Runs when the inspection asks for it, as the seat's account in its own session, for the drive is visible there only.
Waits for the drive, which Connect-ExamFolder.ps1 goes on trying to connect. The file's name tells the computer and the
SHA-256 of what it wrote, so that whoever reads it on the server sees whether it came whole; the inspection removes it.
Ends with 0 once the file is written, 11 without the drive, 12 where it cannot be written.
.PARAMETER Letter
The drive letter, one character.
.PARAMETER Seconds
How long to wait for the drive.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $Letter,
    [int] $Seconds = 15
)

$noDrive = 11
$notWritten = 12
$root = "${Letter}:\"

$waited = [System.Diagnostics.Stopwatch]::StartNew()
while (-not (Test-Path -LiteralPath $root)) {
    if ($waited.Elapsed.TotalSeconds -ge $Seconds) {
        exit $noDrive
    }
    Start-Sleep -Milliseconds 500
}

$content = New-Object -TypeName byte[] -ArgumentList 65536
$random = [System.Security.Cryptography.RandomNumberGenerator]::Create()
$random.GetBytes($content)
$sha256 = [System.Security.Cryptography.SHA256]::Create()
$hash = [System.BitConverter]::ToString($sha256.ComputeHash($content)).Replace('-', '').ToLowerInvariant()
try {
    [System.IO.File]::WriteAllBytes("${root}~exam-trial-${env:COMPUTERNAME}-${hash}.tmp", $content)
}
catch {
    exit $notWritten
}
exit 0
