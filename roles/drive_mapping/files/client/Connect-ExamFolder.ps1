<#
.SYNOPSIS
Map the candidate's folder on the exam server to a drive, and shout when that fails (V4).
.DESCRIPTION
Runs at log-on as the seat's account, in its own session: a drive belongs to the session that mapped it. At an automatic
log-on the network may come late, so it tries again; after the last attempt a full-screen warning stays until the drive is
there. The password is not needed: account and password are the same on the server. Where the server refuses them it stops
trying, for Windows locks an account after some refusals; the warning then stays until the computer is started again.
.PARAMETER Path
The folder, \\server\share\account. By the server's address, so that no name has to be resolved.
.PARAMETER Letter
The drive letter, one character.
.PARAMETER Attempts
How often it tries, two seconds apart, before it shows the warning.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $Path,
    [Parameter(Mandatory = $true)] [string] $Letter,
    [int] $Attempts = 30
)

$drive = "${Letter}:"
# ERROR_LOGON_FAILURE: net.exe tells it by its number in every language of Windows.
$logonFailure = '\b1326\b'
$refusalsAtMost = 3
$script:refusals = 0

function Connect-ExamFolder {
    if (Test-Path -LiteralPath "$drive\") {
        return $true
    }
    & "$env:SystemRoot\System32\net.exe" use $drive /delete /y 2>&1 | Out-Null
    $said = & "$env:SystemRoot\System32\net.exe" use $drive $Path /persistent:no 2>&1 | Out-String
    if ($said -match $logonFailure) {
        $script:refusals++
    }
    return (Test-Path -LiteralPath "$drive\")
}

function Show-Warning {
    $warning = "考试文件夹 $drive 没有连接。`r`n请勿开始答题，请举手报告监考员。"
    Add-Type -AssemblyName System.Windows.Forms
    $form = New-Object -TypeName System.Windows.Forms.Form
    $form.WindowState = 'Maximized'
    $form.FormBorderStyle = 'None'
    $form.TopMost = $true
    $form.BackColor = 'DarkRed'
    $label = New-Object -TypeName System.Windows.Forms.Label
    $label.Dock = 'Fill'
    $label.TextAlign = 'MiddleCenter'
    $label.ForeColor = 'White'
    $label.Font = New-Object -TypeName System.Drawing.Font -ArgumentList 'Microsoft YaHei', 32
    $label.Text = "$warning`r`n`r`n系统正在不断重试……"
    $form.Controls.Add($label)
    $timer = New-Object -TypeName System.Windows.Forms.Timer
    $timer.Interval = 5000
    $timer.add_Tick({
            if ($script:refusals -ge $refusalsAtMost) {
                $timer.Stop()
                $label.Text = "$warning`r`n`r`n服务器不接受本机的用户名或密码。`r`n请技术人员处理后重新启动本机。"
            }
            elseif (Connect-ExamFolder) {
                $form.Close()
            }
        })
    $timer.Start()
    $form.ShowDialog() | Out-Null
    $timer.Stop()
}

$mapped = $false
for ($attempt = 1; $attempt -le $Attempts -and $script:refusals -lt $refusalsAtMost; $attempt++) {
    $mapped = Connect-ExamFolder
    if ($mapped) {
        break
    }
    Start-Sleep -Seconds 2
}
if (-not $mapped) {
    Show-Warning
}
Add-Type -AssemblyName System.Windows.Forms
[System.Windows.Forms.MessageBox]::Show("考试文件夹已连接为 $drive 盘。`r`n只有保存在 $drive 盘中的文件才算考试结果。", '考试文件夹') | Out-Null
