# 校验本光盘：逐个文件计算 SHA-256，与清单比对。Checks this disc: the SHA-256 of every file against the manifests.
#   powershell -NoProfile -ExecutionPolicy Bypass -File D:\verify.ps1
# 签名不在此检查，见 校验说明.txt。The signature is not checked here, see 校验说明.txt.
[CmdletBinding()]
param(
    # 光盘或其副本所在的文件夹。The folder of the disc, or of a copy of it.
    [string] $Path = $PSScriptRoot
)

$ErrorActionPreference = 'Stop'
$unlisted = @('tagmanifest-sha256.txt', 'tagmanifest-sha512.txt', 'tagmanifest-sha256.txt.sig')
$root = (Get-Item -LiteralPath $Path).FullName.TrimEnd('\')
$listed = @{}
$wrong = New-Object System.Collections.Generic.List[string]

foreach ($manifest in 'manifest-sha256.txt', 'tagmanifest-sha256.txt') {
    foreach ($line in [System.IO.File]::ReadAllLines("$root\$manifest", [System.Text.Encoding]::UTF8)) {
        $listed[$line.Substring(66)] = $line.Substring(0, 64)
    }
}

$done = 0
foreach ($name in $listed.Keys) {
    $done = $done + 1
    Write-Progress -Activity '校验 checking' -Status $name -PercentComplete (100 * $done / $listed.Count)
    $file = "$root\" + $name.Replace('/', '\')
    if (-not (Test-Path -LiteralPath $file -PathType Leaf)) {
        $wrong.Add("缺失 missing: $name")
    } elseif ((Get-FileHash -LiteralPath $file -Algorithm SHA256).Hash -ne $listed[$name]) {
        $wrong.Add("内容不同 changed: $name")
    }
}

foreach ($file in Get-ChildItem -LiteralPath "$root\" -Recurse -File -Force) {
    $name = $file.FullName.Substring($root.Length + 1).Replace('\', '/')
    if (-not $listed.ContainsKey($name) -and $unlisted -notcontains $name) {
        $wrong.Add("多出 added: $name")
    }
}

foreach ($line in $wrong) {
    Write-Output $line
}
if ($wrong.Count -eq 0) {
    Write-Output "全部一致：$($listed.Count) 个文件。All equal: $($listed.Count) files."
    exit 0
}
Write-Output "不一致：$($wrong.Count) 处。Not equal: $($wrong.Count) places."
exit 1
