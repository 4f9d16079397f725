<#
.SYNOPSIS
Cut the seats off this server once the armed deadline has passed, whatever has become of the controller (V6).
.DESCRIPTION
Runs as SYSTEM each minute and at boot. armed.json in this folder says whom to cut off when (UTC); without it there is
nothing to do. A deadline within the next 70 seconds is waited for, and the file is read again each second meanwhile, so
moving or removing the file is all that it takes to move or cancel the deadline. From the moment when it first sees an
armed file, it goes by the time since this computer started: whoever sets the clock moves no deadline. After a restart it
goes by UTC again. A deadline that is past already when the file is first seen is looked at again after some seconds: the
clock may have been set this very moment, and the controller then arms anew.
Then: the exam share goes, exactly the armed accounts are disabled, their sessions ended and their open files closed,
again and again until nothing is left. Nobody else's session or file is touched, and no result. It may run beside the
controller's own cutoff and any number of times. What it did stands in switch.jsonl, one line a run that did something.
Exit codes: 0 nothing to do, or all is cut off; 1 something is left, the next minute's run goes on; 2 armed.json is
damaged and nothing was cut off.
.PARAMETER Folder
Where armed.json and switch.jsonl lie.
#>
[CmdletBinding()]
param(
    [string] $Folder = $PSScriptRoot
)

$armedPath = Join-Path -Path $Folder -ChildPath 'armed.json'
$recordPath = Join-Path -Path $Folder -ChildPath 'switch.jsonl'
$seenKey = 'SOFTWARE\ExamRoomSwitch'
$net = "$env:SystemRoot\System32\net.exe"
$waitSeconds = 70
$graceSeconds = 10
$workSeconds = 40
$pauseMilliseconds = 500
$utf8 = New-Object -TypeName System.Text.UTF8Encoding -ArgumentList $false
$invariant = [System.Globalization.CultureInfo]::InvariantCulture
$utc = [System.Globalization.DateTimeStyles] 'AssumeUniversal, AdjustToUniversal'
$momentFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'"

function Get-Stamp {
    return [DateTime]::UtcNow.ToString($momentFormat, $invariant)
}

function Add-Record {
    param([System.Collections.IDictionary] $Entry)
    try {
        $line = ConvertTo-Json -InputObject $Entry -Compress -Depth 4
        [System.IO.File]::AppendAllText($recordPath, "$line`n", $utf8)
    }
    catch {
        # A full disc must not keep the seats connected.
        Write-Warning -Message "switch.jsonl: $($_.Exception.Message)"
    }
}

# A damaged file is seen each minute but recorded once.
function Add-DamageRecord {
    param([string] $Reason)
    $last = $null
    try {
        $last = Get-Content -LiteralPath $recordPath -Tail 1 -Encoding UTF8 -ErrorAction Stop | ConvertFrom-Json
    }
    catch {
        $last = $null
    }
    if ($null -eq $last -or $last.damaged -ne $Reason) {
        Add-Record -Entry ([ordered] @{ at = (Get-Stamp); damaged = $Reason })
    }
}

# Opened so that the controller may put a new file in its place meanwhile.
function Read-ArmedText {
    $share = [System.IO.FileShare]::ReadWrite -bor [System.IO.FileShare]::Delete
    $stream = [System.IO.File]::Open($armedPath, [System.IO.FileMode]::Open, [System.IO.FileAccess]::Read, $share)
    try {
        $reader = New-Object -TypeName System.IO.StreamReader -ArgumentList $stream, $utf8
        return $reader.ReadToEnd()
    }
    finally {
        $stream.Dispose()
    }
}

# What is armed; $null for nothing. Throws when the file cannot be understood.
function Get-Armed {
    $text = $null
    for ($attempt = 1; $null -eq $text; $attempt++) {
        if (-not (Test-Path -LiteralPath $armedPath)) {
            return $null
        }
        try {
            $text = Read-ArmedText
        }
        catch {
            if ($attempt -ge 5) {
                throw
            }
            Start-Sleep -Milliseconds 200
        }
    }
    $read = ConvertFrom-Json -InputObject $text -ErrorAction Stop
    $deadline = [DateTime]::MinValue
    if (-not [DateTime]::TryParseExact([string] $read.deadline, $momentFormat, $invariant, $utc, [ref] $deadline)) {
        throw "deadline: $($read.deadline)"
    }
    $share = [string] $read.share
    if ($share -eq '' -or $share.EndsWith('$') -or $share.IndexOfAny('*?[]\/'.ToCharArray()) -ge 0) {
        throw "share: $share"
    }
    $root = ([string] $read.root).TrimEnd('\')
    if ($root -notmatch '^[A-Za-z]:\\.') {
        throw "root: $root"
    }
    $accounts = @($read.accounts | ForEach-Object -Process { [string] $_ })
    if ($accounts.Count -eq 0 -or $accounts -contains '') {
        throw 'accounts'
    }
    if ([string] $read.session -eq '') {
        throw 'session'
    }
    return [pscustomobject] @{
        Session  = [string] $read.session
        Key      = "$($read.armed_at) $($read.deadline)"
        Deadline = $deadline
        Share    = $share
        Root     = $root
        Accounts = $accounts
    }
}

# UTC when this armed file was first seen, and what has passed since by a clock that nobody can set. That one begins anew
# when the computer starts; what was seen is kept in a volatile registry key, which a restart forgets: then UTC counts again.
function Get-Moment {
    $uptime = [System.Diagnostics.Stopwatch]::GetTimestamp() / [System.Diagnostics.Stopwatch]::Frequency
    $now = [DateTime]::UtcNow
    $seen = $null
    try {
        $check = [Microsoft.Win32.RegistryKeyPermissionCheck]::ReadWriteSubTree
        $volatile = [Microsoft.Win32.RegistryOptions]::Volatile
        $seen = [Microsoft.Win32.Registry]::LocalMachine.CreateSubKey($seenKey, $check, $volatile)
        if ($seen.GetValue('key') -eq $armed.Key) {
            $then = [double]::Parse([string] $seen.GetValue('uptime'), $invariant)
            if ($then -le $uptime) {
                $ticks = [long]::Parse([string] $seen.GetValue('ticks'), $invariant)
                $seenUtc = New-Object -TypeName System.DateTime -ArgumentList $ticks, 'Utc'
                return $seenUtc.AddSeconds($uptime - $then)
            }
        }
    }
    catch {
        Write-Warning -Message "$($seenKey): $($_.Exception.Message)"
    }
    $script:first = $true
    try {
        # The name last: a pair that is not whole has none.
        $seen.SetValue('key', '')
        $seen.SetValue('ticks', $now.Ticks.ToString($invariant))
        $seen.SetValue('uptime', $uptime.ToString('R', $invariant))
        $seen.SetValue('key', $armed.Key)
    }
    catch {
        Write-Warning -Message "$($seenKey): $($_.Exception.Message)"
    }
    return $now
}

# Names are compared without domain and without case.
function Test-Seat {
    param([string] $User)
    return $armed.Accounts -contains $User.Substring($User.LastIndexOf('\') + 1)
}

# A seat's open file; or one below the results root that a lost connection left behind, which names nobody. Other
# people's files stay open, also below the root: the controller may be collecting.
function Test-SeatFile {
    param([string] $User, [string] $Path)
    if ($User -ne '') {
        return (Test-Seat -User $User)
    }
    return $Path -eq $armed.Root -or $Path.StartsWith("$($armed.Root)\", [System.StringComparison]::OrdinalIgnoreCase)
}

# Each of these returns how many things it found that should not be there, and takes them away. A look that fails counts
# as one: what is not known to be gone is not gone.
function Stop-Share {
    $there = $true
    try {
        $there = @(Get-SmbShare -ErrorAction Stop | Where-Object -FilterScript { $_.Name -eq $armed.Share }).Count -gt 0
        if ($there) {
            Remove-SmbShare -Name $armed.Share -Force -Confirm:$false -ErrorAction Stop
            $done.share_removed = $true
        }
    }
    catch {
        [void] $troubles.Add("share: $($_.Exception.Message)")
        & $net share $armed.Share 2>&1 | Out-Null
        $there = $LASTEXITCODE -eq 0
        if ($there) {
            & $net share $armed.Share /delete /y 2>&1 | Out-Null
            $done.share_removed = $done.share_removed -or $LASTEXITCODE -eq 0
        }
    }
    return [int] $there
}

function Disable-SeatAccount {
    try {
        $users = @(Get-LocalUser -ErrorAction Stop | Where-Object -FilterScript { $_.Enabled })
        $found = @($users.Name | Where-Object -FilterScript { Test-Seat -User $_ })
    }
    catch {
        # Without a look each is disabled blindly, once.
        [void] $troubles.Add("accounts: $($_.Exception.Message)")
        $found = @($armed.Accounts | Where-Object -FilterScript { $done.accounts_disabled -notcontains $_ })
    }
    foreach ($name in $found) {
        try {
            Disable-LocalUser -Name $name -ErrorAction Stop
            [void] $done.accounts_disabled.Add($name)
        }
        catch {
            [void] $troubles.Add("$($name): $($_.Exception.Message)")
            & $net user $name /active:no 2>&1 | Out-Null
            if ($LASTEXITCODE -eq 0) {
                [void] $done.accounts_disabled.Add($name)
            }
        }
    }
    return $found.Count
}

function Stop-SeatSession {
    try {
        $found = @(Get-SmbSession -ErrorAction Stop | Where-Object -FilterScript { Test-Seat -User $_.ClientUserName })
    }
    catch {
        [void] $troubles.Add("sessions: $($_.Exception.Message)")
        return 1
    }
    foreach ($session in $found) {
        try {
            Close-SmbSession -SessionId $session.SessionId -Force -Confirm:$false -ErrorAction Stop
            [void] $done.sessions_ended.Add("$($session.ClientUserName) $($session.ClientComputerName)")
        }
        catch {
            [void] $troubles.Add("session of $($session.ClientUserName): $($_.Exception.Message)")
        }
    }
    return $found.Count
}

function Close-SeatFile {
    try {
        $open = @(Get-SmbOpenFile -ErrorAction Stop)
        $found = @($open | Where-Object -FilterScript { Test-SeatFile -User $_.ClientUserName -Path $_.Path })
    }
    catch {
        [void] $troubles.Add("files: $($_.Exception.Message)")
        return 1
    }
    foreach ($file in $found) {
        try {
            Close-SmbOpenFile -FileId $file.FileId -Force -Confirm:$false -ErrorAction Stop
            [void] $done.files_closed.Add("$($file.ClientUserName) $($file.Path)")
        }
        catch {
            [void] $troubles.Add("$($file.Path): $($_.Exception.Message)")
        }
    }
    return $found.Count
}

# Wait, always by what the file says now.
$ready = $false
$graced = $false
while ($true) {
    $first = $false
    try {
        $armed = Get-Armed
    }
    catch {
        # No deadline is known, and cutting at a wrong moment cannot be made good. The accounts' expiry still holds.
        Add-DamageRecord -Reason $_.Exception.Message
        exit 2
    }
    if ($null -eq $armed) {
        exit 0
    }
    $left = ($armed.Deadline - (Get-Moment)).TotalMilliseconds
    if ($left -gt 1000 * $waitSeconds) {
        exit 0
    }
    if ($left -le 0) {
        if ($first -and -not $graced) {
            $graced = $true
            Start-Sleep -Seconds $graceSeconds
            continue
        }
        break
    }
    if (-not $ready) {
        # Loading takes Windows seconds that would be missing at the deadline.
        $ready = $true
        Import-Module -Name 'SmbShare', 'Microsoft.PowerShell.LocalAccounts' -ErrorAction SilentlyContinue
        continue
    }
    Start-Sleep -Milliseconds ([int] [Math]::Ceiling([Math]::Min(1000, $left)))
}

# Cut off, until one whole look finds nothing.
$done = @{
    share_removed     = $false
    accounts_disabled = New-Object -TypeName System.Collections.ArrayList
    sessions_ended    = New-Object -TypeName System.Collections.ArrayList
    files_closed      = New-Object -TypeName System.Collections.ArrayList
}
$troubles = New-Object -TypeName System.Collections.ArrayList
$began = Get-Stamp
$watch = [System.Diagnostics.Stopwatch]::StartNew()
do {
    $found = (Stop-Share) + (Disable-SeatAccount) + (Stop-SeatSession) + (Close-SeatFile)
    if ($found -gt 0) {
        Start-Sleep -Milliseconds $pauseMilliseconds
    }
} while ($found -gt 0 -and $watch.Elapsed.TotalSeconds -lt $workSeconds)

$acts = $done.accounts_disabled.Count + $done.sessions_ended.Count + $done.files_closed.Count
if ($done.share_removed -or $acts -gt 0 -or $found -gt 0) {
    Add-Record -Entry ([ordered] @{
            at                = $began
            session           = $armed.Session
            deadline          = $armed.Deadline.ToString($momentFormat, $invariant)
            share_removed     = $done.share_removed
            accounts_disabled = @($done.accounts_disabled | Select-Object -Unique)
            sessions_ended    = @($done.sessions_ended | Select-Object -Unique)
            files_closed      = @($done.files_closed | Select-Object -Unique)
            troubles          = @($troubles | Select-Object -Unique)
            complete          = ($found -eq 0)
            ended             = (Get-Stamp)
        })
}
if ($found -gt 0) {
    exit 1
}
exit 0
