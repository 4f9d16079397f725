<#
.SYNOPSIS
Find what earlier sessions may have left on the fixed drives of this computer, or move what was found into quarantine (V5).
.DESCRIPTION
Walks every fixed drive and lists the files that could be left over: by a word in their name or in the name of a folder
above them, by their kind and age, by size and hash. It judges nothing: what counts is decided by the controller
(module_utils/exam_room/clean). Junctions and links are not followed. A folder or file that cannot be read is named.
With -Move it moves the files given into a folder on the same drive that Administrators and SYSTEM alone may enter, and
searches nothing. Nothing is ever deleted.
.PARAMETER LeaveTop
Names at the top of a drive that are not searched, on every drive.
.PARAMETER Leave
Whole paths that are not searched.
.PARAMETER Also
Whole paths, with variables such as %SystemRoot%, that are searched although they lie below one that is not.
.PARAMETER Whole
Whole paths of folders of which every file is listed.
.PARAMETER People
Names at the top of a drive where a program lying in a folder does not make that folder a program's.
.PARAMETER Quiet
Ends of paths below which the kind of a file says nothing, for programs keep files of all kinds there.
.PARAMETER Loud
Ends of paths below which it does again.
.PARAMETER Kind
Endings of files, such as .docx.
.PARAMETER Since
UTC in ISO 8601: a file of these kinds is listed when it was made or written later.
.PARAMETER Word
What names are searched for; letter case does not count.
.PARAMETER Content
Contents to look for, each SIZE:HASH, blanks between them: bytes, and the first characters of the SHA-256 in hex. Only
files of one of these sizes are read.
.PARAMETER Digest
Whole paths of files whose SHA-256 is told besides, whatever they are. They are not judged as left-overs.
.PARAMETER Program
The text of Get-InstalledProgram.ps1: its list is made besides, in this process, for another would take seconds to start.
What becomes of it has no part in the search.
.PARAMETER Disc
The text of Write-ResultsDisc.ps1: its mere look at the burner is taken besides, likewise.
.PARAMETER DiscDrive
The burner's letter; needed only where the computer has several.
.PARAMETER Most
How many files are listed at most; how many more there were is told.
.PARAMETER Move
Paths of files to move into quarantine, instead of searching.
.PARAMETER Quarantine
Name of the quarantine folder at the top of each drive.
.PARAMETER Run
Folder inside it, for what is moved in this run; nobody has used it before.
.PARAMETER Record
Text that is left beside the moved files, as record.json.
#>
[CmdletBinding()]
param(
    [string[]] $LeaveTop = @(),
    [string[]] $Leave = @(),
    [string[]] $Also = @(),
    [string[]] $Whole = @(),
    [string[]] $People = @(),
    [string[]] $Quiet = @(),
    [string[]] $Loud = @(),
    [string[]] $Kind = @(),
    [string] $Since = '1601-01-01T00:00:00Z',
    [string[]] $Word = @(),
    [string] $Content = '',
    [string[]] $Digest = @(),
    [string] $Program = '',
    [string] $Disc = '',
    [string] $DiscDrive = '',
    [int] $Most = 5000,
    [string[]] $Move = @(),
    [string] $Quarantine = '',
    [string] $Run = '',
    [string] $Record = ''
)

$ErrorActionPreference = 'Stop'
# A disc that was just put in may take its drive a minute and a half.
$discMinutes = 3

# What PowerShell cannot do by itself: paths of any length, the tags of links, and 100,000 files in seconds.
$source = @'
using System;
using System.Collections.Generic;
using System.ComponentModel;
using System.IO;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;

public sealed class ExamFound
{
    public string Path;
    public long Size;
    public DateTime Created;
    public DateTime Written;
    public string Sha256 = "";
    public string Word = "";
    public bool Kind;
    public bool Young;
    public bool Whole;
    public string Original = "";
}

public sealed class ExamSearch
{
    private const uint DirectoryBit = 0x10;
    private const uint ReparseBit = 0x400;
    // FILE_ATTRIBUTE_OFFLINE, RECALL_ON_OPEN and RECALL_ON_DATA_ACCESS: reading would fetch it from a cloud.
    private const uint ElsewhereBits = 0x1000 | 0x40000 | 0x400000;
    // IsReparseTagNameSurrogate: junctions, mount points and symbolic links, but no cloud or deduplicated files.
    private const uint SurrogateBit = 0x20000000;
    private static readonly IntPtr Invalid = new IntPtr(-1);

    [StructLayout(LayoutKind.Sequential, CharSet = CharSet.Unicode, Pack = 4)]
    private struct FindData
    {
        public uint Attributes;
        public long Created;
        public long Accessed;
        public long Written;
        public uint SizeHigh;
        public uint SizeLow;
        public uint Tag;
        public uint Reserved;
        [MarshalAs(UnmanagedType.ByValTStr, SizeConst = 260)]
        public string Name;
        [MarshalAs(UnmanagedType.ByValTStr, SizeConst = 14)]
        public string ShortName;
    }

    private sealed class Folder
    {
        public string Path;
        public int Depth;
        public bool Quiet;
        public bool People;
        public bool Bin;
        public bool Whole;
        public string Word = "";
        public string Original = "";
    }

    [DllImport("kernel32.dll", CharSet = CharSet.Unicode, SetLastError = true, ExactSpelling = true)]
    private static extern IntPtr FindFirstFileExW(
        string name, int level, out FindData data, int operation, IntPtr filter, uint flags);

    [DllImport("kernel32.dll", CharSet = CharSet.Unicode, SetLastError = true, ExactSpelling = true)]
    private static extern bool FindNextFileW(IntPtr search, out FindData data);

    [DllImport("kernel32.dll", ExactSpelling = true)]
    private static extern bool FindClose(IntPtr search);

    [DllImport("kernel32.dll", CharSet = CharSet.Unicode, SetLastError = true, ExactSpelling = true)]
    private static extern SafeFileHandle CreateFileW(
        string name, uint access, uint share, IntPtr security, uint disposition, uint flags, IntPtr template);

    [DllImport("kernel32.dll", CharSet = CharSet.Unicode, SetLastError = true, ExactSpelling = true)]
    private static extern bool CreateDirectoryW(string name, IntPtr security);

    [DllImport("kernel32.dll", CharSet = CharSet.Unicode, SetLastError = true, ExactSpelling = true)]
    private static extern bool MoveFileExW(string from, string to, uint flags);

    [DllImport("kernel32.dll", ExactSpelling = true)]
    private static extern IntPtr LocalFree(IntPtr memory);

    [DllImport("advapi32.dll", CharSet = CharSet.Unicode, SetLastError = true, ExactSpelling = true)]
    private static extern bool ConvertStringSecurityDescriptorToSecurityDescriptorW(
        string text, uint revision, out IntPtr descriptor, IntPtr size);

    [DllImport("advapi32.dll", CharSet = CharSet.Unicode, SetLastError = true, ExactSpelling = true)]
    private static extern bool SetFileSecurityW(string name, uint what, IntPtr descriptor);

    public string[] LeaveTop;
    public string[] Leave;
    public string[] WholePaths;
    public string[] PeopleTop;
    public string[] Quiet;
    public string[] Loud;
    public long Since;
    public int Most;
    public readonly List<ExamFound> Found = new List<ExamFound>();
    public readonly List<string> Unreadable = new List<string>();
    public readonly List<string> Searched = new List<string>();
    public int More;
    public int Files;
    public int Folders;
    public int Links;

    private readonly HashSet<string> kinds = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<int, HashSet<string>> words = new Dictionary<int, HashSet<string>>();
    private readonly Dictionary<long, List<string>> contents = new Dictionary<long, List<string>>();

    public void SetKinds(string[] endings)
    {
        foreach (string one in endings)
        {
            kinds.Add(one);
        }
    }

    public void SetWords(string[] given)
    {
        foreach (string one in given)
        {
            HashSet<string> same;
            if (!words.TryGetValue(one.Length, out same))
            {
                same = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
                words.Add(one.Length, same);
            }
            same.Add(one);
        }
    }

    public void SetContents(string given)
    {
        foreach (string one in given.Split(new char[] { ' ' }, StringSplitOptions.RemoveEmptyEntries))
        {
            int colon = one.IndexOf(':');
            long size = long.Parse(one.Substring(0, colon));
            List<string> same;
            if (!contents.TryGetValue(size, out same))
            {
                same = new List<string>();
                contents.Add(size, same);
            }
            same.Add(one.Substring(colon + 1));
        }
    }

    // The drive, such as D:\, and all that lies on it.
    public void SearchDrive(string root)
    {
        Searched.Add(root);
        Walk(new Folder { Path = root.TrimEnd('\\') });
    }

    // A folder although it lies below one that is left alone; one that is not there is nothing.
    public void SearchAlso(string path)
    {
        Walk(new Folder { Path = path, Depth = 2 });
    }

    private void Walk(Folder top)
    {
        Stack<Folder> waiting = new Stack<Folder>();
        waiting.Push(top);
        while (waiting.Count > 0)
        {
            Enter(waiting.Pop(), waiting);
        }
    }

    private void Enter(Folder folder, Stack<Folder> waiting)
    {
        List<FindData> entries = new List<FindData>();
        int code = ReadEntries(folder.Path, entries);
        if (code != 0)
        {
            if (code != 2 && code != 3)
            {
                Unreadable.Add(folder.Path + "|" + code);
            }
            return;
        }
        Folders++;
        bool program = false;
        foreach (FindData entry in entries)
        {
            if ((entry.Attributes & DirectoryBit) == 0 && IsProgram(entry.Name))
            {
                program = true;
            }
        }
        bool quiet = folder.Quiet || (program && folder.Depth > 0 && !folder.People);
        Dictionary<string, string> originals = folder.Bin && folder.Depth == 2 ? ReadOriginals(folder, entries) : null;
        foreach (FindData entry in entries)
        {
            string path = folder.Path + "\\" + entry.Name;
            string original = folder.Original == "" ? "" : folder.Original + "\\" + entry.Name;
            string named;
            if (originals != null && entry.Name.Length > 2 && originals.TryGetValue(entry.Name.Substring(2), out named))
            {
                original = named;
            }
            if ((entry.Attributes & ReparseBit) != 0 && (entry.Tag & SurrogateBit) != 0)
            {
                Links++;
            }
            else if ((entry.Attributes & DirectoryBit) != 0)
            {
                if (!IsLeft(path, entry.Name, folder.Depth))
                {
                    waiting.Push(Below(folder, quiet, path, entry.Name, original));
                }
            }
            else
            {
                Files++;
                Look(folder, quiet, entry, path, original);
            }
        }
    }

    private Folder Below(Folder folder, bool quiet, string path, string name, string original)
    {
        Folder below = new Folder { Path = path, Depth = folder.Depth + 1, Original = original };
        below.People = folder.People || (folder.Depth == 0 && Holds(PeopleTop, name));
        below.Bin = folder.Bin || (folder.Depth == 0 && Same(name, "$Recycle.Bin"));
        below.Whole = folder.Whole || Holds(WholePaths, path);
        below.Quiet = (quiet || EndsWithOne(path, Quiet)) && !EndsWithOne(path, Loud);
        below.Word = folder.Word != "" ? folder.Word : WordIn(original == "" ? name : LastPart(original));
        return below;
    }

    private void Look(Folder folder, bool quiet, FindData entry, string path, string original)
    {
        ExamFound found = new ExamFound();
        found.Path = path;
        found.Size = ((long)entry.SizeHigh << 32) | entry.SizeLow;
        found.Original = original;
        found.Word = folder.Word;
        found.Whole = folder.Whole;
        if (found.Word == "")
        {
            found.Word = WordIn(entry.Name);
        }
        if (found.Word == "" && original != "")
        {
            found.Word = WordIn(LastPart(original));
        }
        int dot = entry.Name.LastIndexOf('.');
        found.Young = Math.Max(entry.Created, entry.Written) > Since;
        found.Kind = found.Size > 0 && !quiet && dot >= 0 && kinds.Contains(entry.Name.Substring(dot));
        List<string> hashes;
        if (contents.TryGetValue(found.Size, out hashes) && (entry.Attributes & ElsewhereBits) == 0)
        {
            string sha256 = Hash(path);
            foreach (string one in hashes)
            {
                if (sha256.StartsWith(one, StringComparison.Ordinal))
                {
                    found.Sha256 = sha256;
                }
            }
        }
        if (found.Word == "" && !(found.Kind && found.Young) && found.Sha256 == "" && !found.Whole)
        {
            return;
        }
        if (Found.Count >= Most)
        {
            More++;
            return;
        }
        found.Created = Moment(entry.Created);
        found.Written = Moment(entry.Written);
        Found.Add(found);
    }

    private string Hash(string path)
    {
        int code;
        string sha256 = Digest(path, out code);
        if (code != 0 && code != 2 && code != 3)
        {
            Unreadable.Add(path + "|" + code);
        }
        return sha256;
    }

    // The SHA-256 of a file and 0, or nothing and what Windows said.
    public static string Digest(string path, out int code)
    {
        // GENERIC_READ; whoever else has it open may go on; OPEN_EXISTING; FILE_FLAG_BACKUP_SEMANTICS and SEQUENTIAL_SCAN.
        using (SafeFileHandle handle = CreateFileW(@"\\?\" + path, 0x80000000, 7, IntPtr.Zero, 3, 0x0A000000, IntPtr.Zero))
        {
            code = handle.IsInvalid ? Marshal.GetLastWin32Error() : 0;
            if (!handle.IsInvalid)
            {
                try
                {
                    using (FileStream stream = new FileStream(handle, FileAccess.Read, 131072))
                    using (SHA256 sha = new SHA256CryptoServiceProvider())
                    {
                        return BitConverter.ToString(sha.ComputeHash(stream)).Replace("-", "").ToLowerInvariant();
                    }
                }
                catch (IOException problem)
                {
                    code = Marshal.GetHRForException(problem) & 0xFFFF;
                }
            }
            return "";
        }
    }

    // What the recycle bin notes of each thing in it: the path it had. "IABC.docx" tells of "RABC.docx".
    private Dictionary<string, string> ReadOriginals(Folder folder, List<FindData> entries)
    {
        Dictionary<string, string> found = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (FindData entry in entries)
        {
            bool note = entry.Name.StartsWith("$I", StringComparison.OrdinalIgnoreCase) && entry.SizeHigh == 0;
            if (!note || entry.SizeLow < 28 || entry.SizeLow > 131072)
            {
                continue;
            }
            string path = @"\\?\" + folder.Path + "\\" + entry.Name;
            using (SafeFileHandle handle = CreateFileW(path, 0x80000000, 7, IntPtr.Zero, 3, 0x0A000000, IntPtr.Zero))
            {
                if (handle.IsInvalid)
                {
                    Unreadable.Add(folder.Path + "\\" + entry.Name + "|" + Marshal.GetLastWin32Error());
                    continue;
                }
                byte[] raw = new byte[entry.SizeLow];
                int length = 0;
                using (FileStream stream = new FileStream(handle, FileAccess.Read))
                {
                    int got;
                    while (length < raw.Length && (got = stream.Read(raw, length, raw.Length - length)) > 0)
                    {
                        length += got;
                    }
                }
                // Version 1 has 260 characters from 24 on, version 2 their number and then as many.
                int from = length > 8 && raw[0] == 2 ? 28 : 24;
                string text = from < length ? Encoding.Unicode.GetString(raw, from, length - from) : "";
                int end = text.IndexOf('\0');
                found[entry.Name.Substring(2)] = end >= 0 ? text.Substring(0, end) : text;
            }
        }
        return found;
    }

    private static int ReadEntries(string folder, List<FindData> entries)
    {
        FindData data;
        // FindExInfoBasic and FIND_FIRST_EX_LARGE_FETCH.
        IntPtr search = FindFirstFileExW(@"\\?\" + folder + @"\*", 1, out data, 0, IntPtr.Zero, 2);
        if (search == Invalid)
        {
            return Marshal.GetLastWin32Error();
        }
        int code;
        do
        {
            if (data.Name != "." && data.Name != "..")
            {
                entries.Add(data);
            }
            code = FindNextFileW(search, out data) ? 0 : Marshal.GetLastWin32Error();
        }
        while (code == 0);
        FindClose(search);
        // ERROR_NO_MORE_FILES.
        return code == 18 ? 0 : code;
    }

    private bool IsLeft(string path, string name, int depth)
    {
        return (depth == 0 && Holds(LeaveTop, name)) || Holds(Leave, path);
    }

    private string WordIn(string name)
    {
        foreach (KeyValuePair<int, HashSet<string>> same in words)
        {
            for (int start = 0; start + same.Key <= name.Length; start++)
            {
                string part = name.Substring(start, same.Key);
                if (same.Value.Contains(part))
                {
                    return part;
                }
            }
        }
        return "";
    }

    private static string LastPart(string path)
    {
        return path.Substring(path.LastIndexOf('\\') + 1);
    }

    private static bool IsProgram(string name)
    {
        return name.EndsWith(".exe", StringComparison.OrdinalIgnoreCase)
            || name.EndsWith(".dll", StringComparison.OrdinalIgnoreCase);
    }

    private static bool Same(string one, string other)
    {
        return string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
    }

    private static bool Holds(string[] list, string wanted)
    {
        return Array.Exists(list, delegate(string one) { return Same(one, wanted); });
    }

    private static bool EndsWithOne(string path, string[] ends)
    {
        return Array.Exists(ends, delegate(string one)
        {
            return path.EndsWith("\\" + one, StringComparison.OrdinalIgnoreCase);
        });
    }

    private static DateTime Moment(long time)
    {
        try
        {
            return DateTime.FromFileTimeUtc(time);
        }
        catch (ArgumentOutOfRangeException)
        {
            return DateTime.MaxValue;
        }
    }

    // Moves one file on its drive and closes it to everybody but Administrators and SYSTEM: 0, or what Windows said.
    public static int Quarantine(string from, string to)
    {
        int code = MakeFolders(to.Substring(0, to.LastIndexOf('\\')));
        if (code != 0)
        {
            return code;
        }
        // MOVEFILE_WRITE_THROUGH, and no copying to another drive.
        if (!MoveFileExW(@"\\?\" + from, @"\\?\" + to, 8))
        {
            return Marshal.GetLastWin32Error();
        }
        return Close(to, "O:BAD:P(A;;FA;;;SY)(A;;FA;;;BA)");
    }

    // A folder and those above it that are missing.
    public static int MakeFolders(string path)
    {
        for (int slash = path.IndexOf('\\', 3); ; slash = path.IndexOf('\\', slash + 1))
        {
            string part = slash < 0 ? path : path.Substring(0, slash);
            if (!CreateDirectoryW(@"\\?\" + part, IntPtr.Zero))
            {
                int code = Marshal.GetLastWin32Error();
                // ERROR_ALREADY_EXISTS.
                if (code != 183)
                {
                    return code;
                }
            }
            if (slash < 0)
            {
                return 0;
            }
        }
    }

    // Owner and access of a file or folder, nothing inherited.
    public static int Close(string path, string access)
    {
        IntPtr descriptor;
        if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(access, 1, out descriptor, IntPtr.Zero))
        {
            return Marshal.GetLastWin32Error();
        }
        // OWNER, DACL and PROTECTED_DACL_SECURITY_INFORMATION.
        bool done = SetFileSecurityW(@"\\?\" + path, 0x80000005, descriptor);
        int code = done ? 0 : Marshal.GetLastWin32Error();
        LocalFree(descriptor);
        return code;
    }
}
'@

# Path and code of what could not be read, apart again.
function ConvertTo-Refusal {
    param([string] $Line)
    $bar = $Line.LastIndexOf('|')
    return [ordered] @{ path = $Line.Substring(0, $bar); code = [int] $Line.Substring($bar + 1) }
}

# What one file is, or why that cannot be said.
function Get-Digest {
    param([string] $Path)
    $code = 0
    $sha256 = [ExamSearch]::Digest($Path, [ref] $code)
    return [ordered] @{ path = $Path; sha256 = $sha256; code = $code }
}

# What another script has seen, or why that cannot be said; nothing where none was given.
function Read-Besides {
    param([string] $Text, [hashtable] $With)
    if ($Text -eq '') {
        return $null
    }
    $seen = [ordered] @{ report = $null; error = '' }
    try {
        $look = [scriptblock]::Create($Text)
        $seen.report = @(& $look @With)[-1]
    }
    catch {
        $seen.error = $_.Exception.GetBaseException().Message
    }
    return $seen
}

function Search-Drive {
    $search = New-Object -TypeName ExamSearch
    $search.LeaveTop = $LeaveTop
    $search.Leave = $Leave
    $search.WholePaths = $Whole
    $search.PeopleTop = $People
    $search.Quiet = $Quiet
    $search.Loud = $Loud
    $search.Most = $Most
    $search.Since = [System.DateTimeOffset]::Parse($Since, [cultureinfo]::InvariantCulture).ToFileTime()
    $search.SetKinds($Kind)
    $search.SetWords($Word)
    $search.SetContents($Content)
    foreach ($drive in [System.IO.DriveInfo]::GetDrives()) {
        if ($drive.DriveType -ne [System.IO.DriveType]::Fixed) {
            continue
        }
        if ($drive.IsReady) {
            $search.SearchDrive($drive.Name)
        }
        else {
            # ERROR_NOT_READY: a drive that is locked or has no file system.
            $search.Unreadable.Add($drive.Name + '|21')
        }
    }
    foreach ($path in $Also) {
        $search.SearchAlso([System.Environment]::ExpandEnvironmentVariables($path))
    }
    $form = 'yyyy-MM-ddTHH:mm:ssZ'
    # A drive that does not answer ends this process.
    $burner = @{ Check = $true; LimitMinutes = $discMinutes; Letter = $DiscDrive }
    return [pscustomobject] @{
        now        = [System.DateTime]::UtcNow.ToString($form, [cultureinfo]::InvariantCulture)
        searched   = @($search.Searched)
        files      = $search.Files
        folders    = $search.Folders
        links      = $search.Links
        more       = $search.More
        unreadable = @($search.Unreadable | ForEach-Object -Process { ConvertTo-Refusal -Line $_ })
        programs   = Read-Besides -Text $Program -With @{}
        disc       = Read-Besides -Text $Disc -With $burner
        digests    = @($Digest | ForEach-Object -Process { Get-Digest -Path $_ })
        found      = @($search.Found | ForEach-Object -Process {
                [ordered] @{
                    path     = $_.Path
                    size     = $_.Size
                    created  = $_.Created.ToString($form, [cultureinfo]::InvariantCulture)
                    written  = $_.Written.ToString($form, [cultureinfo]::InvariantCulture)
                    sha256   = $_.Sha256
                    word     = $_.Word
                    kind     = $_.Kind
                    young    = $_.Young
                    whole    = $_.Whole
                    original = $_.Original
                }
            })
    }
}

# The quarantine of one drive, closed, with the record in it before anything is moved.
function Open-Quarantine {
    param([string] $Drive)
    $top = $Drive + '\' + $Quarantine
    $code = [ExamSearch]::MakeFolders($top)
    if ($code -eq 0) {
        $code = [ExamSearch]::Close($top, 'O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)')
    }
    $folder = $top + '\' + $Run
    if ($code -eq 0) {
        $code = [ExamSearch]::MakeFolders($folder)
    }
    if ($code -eq 0) {
        try {
            $utf8 = New-Object -TypeName System.Text.UTF8Encoding -ArgumentList $false
            [System.IO.File]::WriteAllText("$folder\record.json", $Record, $utf8)
        }
        catch {
            $code = $_.Exception.GetBaseException().HResult -band 0xFFFF
        }
    }
    return $code
}

function Move-Leftover {
    $opened = @{}
    $moved = foreach ($path in $Move) {
        $drive = $path.Substring(0, 2)
        if (-not $opened.ContainsKey($drive)) {
            $opened[$drive] = Open-Quarantine -Drive $drive
        }
        $to = $drive + '\' + $Quarantine + '\' + $Run + '\files' + $path.Substring(2)
        $code = $opened[$drive]
        if ($code -eq 0) {
            $code = [ExamSearch]::Quarantine($path, $to)
        }
        [ordered] @{ path = $path; to = $to; code = $code }
    }
    return [pscustomobject] @{ moved = @($moved) }
}

Add-Type -TypeDefinition $source -ReferencedAssemblies System.Core
if ($Move.Count -gt 0) {
    Move-Leftover
}
else {
    Search-Drive
}
