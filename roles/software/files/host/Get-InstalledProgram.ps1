<#
.SYNOPSIS
List what the keys Uninstall of the registry say of the programs on this computer (V5).
.DESCRIPTION
For all users there is one place of 64-bit and one of 32-bit programs; whoever is signed in may have programs of his own.
It judges nothing: which of them Windows shows is decided by the controller (module_utils/exam_room/look/programs.py).
Asked from outside, the same costs up to five round trips a program.
#>
[CmdletBinding()]
param()

$ErrorActionPreference = 'Stop'
$uninstall = 'Microsoft\Windows\CurrentVersion\Uninstall'
$places = [ordered] @{ '64' = "SOFTWARE\$uninstall"; '32' = "SOFTWARE\WOW6432Node\$uninstall" }
# Accounts of people, local ones and those of Microsoft Entra; not services, and not what keeps a person's classes.
$person = '^S-1-(5-21|12-1)(-[0-9]+)+$'

# One value as text; nothing for one that is not there or is no text. Some installers write a version as a number.
function Get-Text {
    param([Microsoft.Win32.RegistryKey] $Key, [string] $Name)
    $value = $Key.GetValue($Name)
    if ($value -is [string]) {
        return $value
    }
    if ($value -is [int]) {
        return [string] [System.BitConverter]::ToUInt32([System.BitConverter]::GetBytes($value), 0)
    }
    return $null
}

function Get-Program {
    param([Microsoft.Win32.RegistryKey] $Hive, [string] $Path, [string] $View)
    $list = $Hive.OpenSubKey($Path)
    if ($null -eq $list) {
        return
    }
    foreach ($name in $list.GetSubKeyNames()) {
        $key = $list.OpenSubKey($name)
        # It may have been uninstalled meanwhile.
        if ($null -ne $key) {
            [ordered] @{
                key       = $name
                view      = $View
                name      = Get-Text -Key $key -Name 'DisplayName'
                version   = Get-Text -Key $key -Name 'DisplayVersion'
                publisher = Get-Text -Key $key -Name 'Publisher'
                component = Get-Text -Key $key -Name 'SystemComponent'
                update    = $key.GetValueNames() -contains 'ParentKeyName'
            }
            $key.Close()
        }
    }
    $list.Close()
}

$view = [Microsoft.Win32.RegistryView]::Registry64
$machine = [Microsoft.Win32.RegistryKey]::OpenBaseKey([Microsoft.Win32.RegistryHive]::LocalMachine, $view)
$users = [Microsoft.Win32.RegistryKey]::OpenBaseKey([Microsoft.Win32.RegistryHive]::Users, $view)
$programs = @(
    foreach ($place in $places.GetEnumerator()) {
        Get-Program -Hive $machine -Path $place.Value -View $place.Key
    }
    foreach ($sid in $users.GetSubKeyNames()) {
        if ($sid -match $person) {
            foreach ($path in $places.Values) {
                Get-Program -Hive $users -Path "$sid\$path" -View 'user'
            }
        }
    }
)
return [pscustomobject] @{ programs = $programs }
