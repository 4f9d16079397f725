<#
.SYNOPSIS
Write one image to a blank write-once disc in this server's burner and close it (V7), through IMAPI2.
.DESCRIPTION
Looks at the drive and its medium, and refuses before anything is written what would not do. Writes, closes, reloads the
disc so that Windows mounts what was written, and says what it found in one object, which it also leaves in -Report as
JSON. It ends without an error whatever happens: the report tells. It judges as little as it can: what a code of the
drive means is decided by the controller (module_utils/exam_room/discs/discreport.py).
While it runs, beat.txt beside the report is written anew every two seconds. Whoever sees it stand still knows that this
process was killed. A mere look may do without a report: then nothing is written on the server at all.
.PARAMETER Report
Where the report goes: a file in a folder that exists. Only with -Check it may be left out.
.PARAMETER Image
The image; not needed with -Check.
.PARAMETER Sha256
The image's SHA-256 in hex. An image with another one is not written.
.PARAMETER Letter
The drive's letter, such as E. Needed only where several drives can write.
.PARAMETER LimitMinutes
After so many minutes this process ends itself, whatever the drive does.
.PARAMETER Check
Only look: nothing is locked, written or ejected.
.PARAMETER Bytes
With -Check, what the medium has to have room for.
.PARAMETER WaitSeconds
With -Check, look again until a medium will do, or something is wrong that was not known, for so many seconds at most.
It ends at once when the file that is named as the report with .wait behind is gone.
.PARAMETER Seen
With -WaitSeconds, what is known to be wrong: a reason or a code of an earlier report. An empty drive is always known.
#>
[CmdletBinding()]
param(
    [string] $Report = '',
    [string] $Image = '',
    [string] $Sha256 = '',
    [string] $Letter = '',
    [int] $LimitMinutes = 180,
    [switch] $Check,
    [long] $Bytes = 0,
    [int] $WaitSeconds = 0,
    [string] $Seen = ''
)

$ErrorActionPreference = 'Stop'
if ($Report -eq '' -and -not $Check) {
    throw 'Without -Report only -Check is possible.'
}
$clientName = 'ExamRoom'
$sectorBytes = 2048
$readySeconds = 90
$lookSeconds = 3
# E_IMAPI_RECORDER_MEDIA_NO_MEDIA; MEDIA_BECOMING_READY, MEDIA_FORMAT_IN_PROGRESS and MEDIA_BUSY.
$noMedium = '0xC0AA0202'
$notYet = '0xC0AA0205', '0xC0AA0206', '0xC0AA0207'
# IMAPI_MEDIA_PHYSICAL_TYPE of what is written once: CD-R, DVD+R, DVD+R DL, DVD-R, DVD-R DL, HD DVD-R, BD-R.
$writeOnce = 2, 6, 8, 9, 11, 15, 18
# IMAPI_FORMAT2_DATA_MEDIA_STATE_APPENDABLE.
$appendable = 0x4
$utf8 = New-Object -TypeName System.Text.UTF8Encoding -ArgumentList $false

$found = [ordered] @{
    ok      = $false
    reason  = ''
    stage   = 'start'
    hresult = ''
    detail  = ''
    drive   = ''
    device  = ''
    owner   = ''
    medium  = 0
    blank   = $false
    free    = [long] 0
    size    = [long] 0
    written = $false
    closed  = $false
    label   = ''
    seconds = 0
    sha256  = $Sha256
}

# What PowerShell cannot do by itself: an IStream over a file of any size, and a sign of life while Write blocks.
$source = @'
using System;
using System.Diagnostics;
using System.IO;
using System.Runtime.InteropServices;
using System.Runtime.InteropServices.ComTypes;
using System.Threading;

public static class ExamDisc
{
    private static readonly Stopwatch Watch = Stopwatch.StartNew();
    private static Timer timer;

    [DllImport("shlwapi.dll", CharSet = CharSet.Unicode, ExactSpelling = true, PreserveSig = false)]
    private static extern void SHCreateStreamOnFileEx(
        string file, uint mode, uint attributes, bool create, IStream template, out IStream stream);

    // STGM_READ and STGM_SHARE_DENY_WRITE; FILE_ATTRIBUTE_NORMAL.
    public static object Open(string file)
    {
        IStream stream;
        SHCreateStreamOnFileEx(file, 0x20, 0x80, false, null, out stream);
        return stream;
    }

    public static void Beat(string file, int limitSeconds)
    {
        timer = new Timer(delegate
        {
            if (Watch.Elapsed.TotalSeconds > limitSeconds)
            {
                Process.GetCurrentProcess().Kill();
            }
            if (file.Length == 0)
            {
                return;
            }
            try
            {
                File.WriteAllText(file, Watch.ElapsedMilliseconds.ToString());
            }
            catch (Exception)
            {
                // Somebody reads it at this moment, or the volume is full: no reason to spoil a disc.
            }
        }, null, 0, 2000);
    }

    public static void Rest(string file)
    {
        using (ManualResetEvent ended = new ManualResetEvent(false))
        {
            timer.Dispose(ended);
            ended.WaitOne(5000);
        }
        if (file.Length == 0)
        {
            return;
        }
        try
        {
            File.Delete(file);
        }
        catch (IOException)
        {
            // Somebody reads it at this moment. It stands still from now on, which tells the same.
        }
    }
}
'@

# The HRESULT of a COM error as 0xXXXXXXXX: what .NET wraps around it does not count.
function Get-Code {
    param([System.Exception] $Exception)
    return '0x{0:X8}' -f $Exception.GetBaseException().HResult
}

# The drive that writes: the one of -Letter, or the only one. $null when there is none to choose; reason then says why.
function Get-Recorder {
    $master = New-Object -ComObject IMAPI2.MsftDiscMaster2
    $recorders = @()
    for ($number = 0; $number -lt $master.Count; $number++) {
        $recorder = New-Object -ComObject IMAPI2.MsftDiscRecorder2
        $recorder.InitializeDiscRecorder($master.Item($number))
        if ($format.IsRecorderSupported($recorder)) {
            $path = @($recorder.VolumePathNames)[0]
            $recorders += [pscustomobject] @{
                Recorder = $recorder
                Drive    = ([string] $path).TrimEnd('\')
                Device   = ('{0} {1}' -f ([string] $recorder.VendorId).Trim(), ([string] $recorder.ProductId).Trim()).Trim()
            }
        }
    }
    $chosen = $recorders
    if ($Letter -ne '') {
        $wanted = $Letter.TrimEnd(':', '\') + ':'
        $chosen = @($recorders | Where-Object -FilterScript { $_.Drive -eq $wanted })
    }
    if (@($chosen).Count -eq 1) {
        return $chosen[0]
    }
    $found.detail = (@($recorders | ForEach-Object -Process { $_.Drive + ' ' + $_.Device }) -join ', ')
    if (@($recorders).Count -eq 0) {
        $found.reason = 'no_recorder'
    }
    elseif ($Letter -ne '') {
        $found.reason = 'no_such_drive'
    }
    else {
        $found.reason = 'several_recorders'
    }
    return $null
}

# Whether the medium is one that data can be written to. A disc that was just put in takes the drive some seconds.
function Test-Medium {
    param($Recorder)
    $waited = [System.Diagnostics.Stopwatch]::StartNew()
    while ($true) {
        try {
            return [bool] $format.IsCurrentMediaSupported($Recorder)
        }
        catch {
            $code = Get-Code -Exception $_.Exception
            if ($code -notin $notYet -or $waited.Elapsed.TotalSeconds -gt $readySeconds) {
                throw
            }
        }
        Start-Sleep -Seconds 2
    }
}

# Fills in what the medium is; a reason when it will not do.
function Read-Medium {
    param($Recorder)
    if (-not (Test-Medium -Recorder $Recorder)) {
        # Older Windows says this of an empty drive too: asking for the kind of medium then fails.
        $found.reason = 'unsupported'
        $found.medium = [int] $format.CurrentPhysicalMediaType
        return
    }
    $found.medium = [int] $format.CurrentPhysicalMediaType
    $found.blank = [bool] $format.MediaHeuristicallyBlank
    $found.free = [long] $format.FreeSectorsOnMedia * $sectorBytes
    if (-not $found.blank) {
        $found.reason = 'not_blank'
    }
    elseif ($found.medium -notin $writeOnce) {
        $found.reason = 'rewritable'
    }
    elseif ($found.size -gt $found.free) {
        $found.reason = 'too_small'
    }
}

# Read-Medium, again and again while there is something to wait for. IMAPI2 may keep what it knows of a medium that was
# taken out: each look asks anew.
function Watch-Medium {
    param($Recorder)
    $waited = [System.Diagnostics.Stopwatch]::StartNew()
    while ($true) {
        $problem = $null
        $found.reason = ''
        $found.medium = 0
        $found.blank = $false
        $found.free = [long] 0
        try {
            $format = New-Object -ComObject IMAPI2.MsftDiscFormat2Data
            $format.Recorder = $Recorder
            $format.ClientName = $clientName
            Read-Medium -Recorder $Recorder
            $wrong = $found.reason
        }
        catch {
            $problem = $_
            $wrong = Get-Code -Exception $_.Exception
        }
        $known = $wrong -in $noMedium, $Seen
        $over = $waited.Elapsed.TotalSeconds -ge $WaitSeconds -or -not (Test-Path -LiteralPath "$Report.wait")
        if ($wrong -eq '' -or -not $known -or $over) {
            if ($null -ne $problem) {
                throw $problem
            }
            return
        }
        Start-Sleep -Seconds $lookSeconds
    }
}

# Until Windows has mounted what is in the drive; empty when it does not in time.
function Get-Label {
    param([string] $Drive)
    $waited = [System.Diagnostics.Stopwatch]::StartNew()
    while ($waited.Elapsed.TotalSeconds -lt $readySeconds) {
        $volume = New-Object -TypeName System.IO.DriveInfo -ArgumentList $Drive
        if ($volume.IsReady) {
            return $volume.VolumeLabel
        }
        Start-Sleep -Seconds 1
    }
    return ''
}

function Write-Disc {
    param($Recorder)
    $stream = [ExamDisc]::Open($Image)
    try {
        $format.ForceMediaToBeClosed = $true
        $format.ForceOverwrite = $false
        $found.stage = 'write'
        $found.written = $true
        $format.Write($stream)
    }
    catch {
        $problem = $_
        try {
            $found.written = -not [bool] $format.MediaPhysicallyBlank
        }
        catch {
            # A drive that cannot tell any more may have written.
            $found.written = $true
        }
        throw $problem
    }
    finally {
        [void] [System.Runtime.InteropServices.Marshal]::ReleaseComObject($stream)
    }
    # Asked for above, and Write would have failed.
    $found.closed = $true
}

# A drive may still say that the disc takes more. Many refuse the question about a disc that is closed.
function Read-Closed {
    try {
        $found.closed = ([int] $format.CurrentMediaStatus -band $appendable) -eq 0
    }
    catch {
        $found.detail = 'status: ' + (Get-Code -Exception $_.Exception)
    }
}

function Invoke-Disc {
    $found.stage = 'drive'
    $format = New-Object -ComObject IMAPI2.MsftDiscFormat2Data
    $chosen = Get-Recorder
    if ($null -eq $chosen) {
        return
    }
    $recorder = $chosen.Recorder
    $found.drive = $chosen.Drive
    $found.device = $chosen.Device
    $format.Recorder = $recorder
    $format.ClientName = $clientName
    if ($Check) {
        $found.stage = 'medium'
        $found.size = $Bytes
        Watch-Medium -Recorder $recorder
        $found.ok = $found.reason -eq ''
        return
    }
    $found.stage = 'image'
    if (-not (Test-Path -LiteralPath $Image -PathType Leaf)) {
        $found.reason = 'image_missing'
        return
    }
    $found.size = (Get-Item -LiteralPath $Image).Length
    if ((Get-FileHash -LiteralPath $Image -Algorithm SHA256).Hash -ne $Sha256) {
        $found.reason = 'image_damaged'
        return
    }
    $found.stage = 'lock'
    try {
        $recorder.AcquireExclusiveAccess($true, $clientName)
    }
    catch {
        $problem = $_
        try {
            $found.owner = [string] $recorder.ExclusiveAccessOwner
        }
        catch {
            # Not every drive names who has it.
            $found.owner = ''
        }
        throw $problem
    }
    try {
        $found.stage = 'medium'
        Read-Medium -Recorder $recorder
        if ($found.reason -ne '') {
            return
        }
        Write-Disc -Recorder $recorder
    }
    finally {
        $recorder.ReleaseExclusiveAccess()
    }
    $found.stage = 'mount'
    try {
        if ($recorder.DeviceCanLoadMedia) {
            # Most drives read a new table of contents only when the disc comes in.
            $recorder.EjectMedia()
            $recorder.CloseTray()
        }
    }
    catch {
        # The disc is written all the same: whether it can be read is seen next.
        $found.detail = 'reload: ' + (Get-Code -Exception $_.Exception)
    }
    $found.label = [string] (Get-Label -Drive $found.drive)
    Read-Closed
    $found.ok = $true
}

$beat = ''
if ($Report -ne '') {
    $beat = Join-Path -Path (Split-Path -Path $Report -Parent) -ChildPath 'beat.txt'
}
$watch = [System.Diagnostics.Stopwatch]::StartNew()
$beating = $false
try {
    Add-Type -TypeDefinition $source
    [ExamDisc]::Beat($beat, 60 * $LimitMinutes)
    $beating = $true
    Invoke-Disc
}
catch {
    $found.hresult = Get-Code -Exception $_.Exception
    $found.detail = $_.Exception.GetBaseException().Message
    if ($found.hresult -eq $noMedium) {
        $found.reason = 'no_medium'
    }
}
$found.seconds = [int] $watch.Elapsed.TotalSeconds
$result = [pscustomobject] $found
if ($Report -ne '') {
    # Whole or not at all: the controller takes a report as soon as it sees one.
    [System.IO.File]::WriteAllText("$Report.part", (ConvertTo-Json -InputObject $result), $utf8)
    if (Test-Path -LiteralPath $Report) {
        Remove-Item -LiteralPath $Report
    }
    [System.IO.File]::Move("$Report.part", $Report)
}
if ($beating) {
    [ExamDisc]::Rest($beat)
}
$result
