"""Names that a disc, Linux and Windows can all hold, made from the names that candidates gave.

A name goes through unchanged when Joliet (64 UTF-16 units of the basic plane), the Win32 rules of Windows and a BagIt
manifest that ``sha256sum -c`` reads can all hold it, and no neighbour has it in other case or normalisation. Any other
is changed and ends in ``~`` and eight digits of the SHA-256 of the true name, so that the same folder always gives the
same names. The true names stand in the table of the bag.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping

MAX_NAME = 64
"""UTF-16 units of one name (Joliet)."""
MAX_PATH = 230
"""UTF-16 units of a path inside the bag: with a drive letter it stays under the 260 that Windows' programs can open."""
LONG_FOLDER = "_long"
"""Where, in a candidate's folder, lies what would exceed MAX_PATH."""

_MAX_EXTENSION = 12
_DEVICE = re.compile(r"(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|COM[0-9¹²³]|LPT[0-9¹²³])", re.IGNORECASE)
# The full-width twins of what Windows, Joliet or a manifest keeps for itself (% is an escape in RFC 8493, 2.1.3).
_TWINS = str.maketrans('<>:"/\\|?*;%', "＜＞：＂／＼｜？＊；％")
_HIDDEN_FROM_TEXT = frozenset({"Cc", "Cs", "Zl", "Zp"})

Parts = tuple[str, ...]


def _holds(character: str) -> bool:
    return character < "\ufffe" and unicodedata.category(character) not in _HIDDEN_FROM_TEXT


def _repaired(name: str) -> str:
    text = "".join(character if _holds(character) else "_" for character in name.translate(_TWINS))
    text = re.sub(r"[.\s]+$", "", text) or "_"
    return "_" + text if _DEVICE.fullmatch(text.split(".", 1)[0].rstrip(" ")) else text


def _digest(text: str, digits: int) -> str:
    return hashlib.sha256(text.encode("utf-16-le", "surrogatepass")).hexdigest()[:digits]


def _marked(name: str, digits: int) -> str:
    """The repaired name, cut to fit, with the mark of the true name before its extension."""
    text = _repaired(name)
    stem, dot, extension = text.rpartition(".")
    if not stem or len(extension) > _MAX_EXTENSION:
        stem, dot, extension = text, "", ""
    mark = "~" + _digest(name, digits)
    return stem[: MAX_NAME - len(mark) - len(dot + extension)] + mark + dot + extension


def fold(name: str) -> str:
    """What two names have in common that some file system would take for one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def disc_names(names: Iterable[str], taken: Iterable[str] = ()) -> dict[str, str]:
    """Name on the disc for each true name of one folder; ``taken`` are names the folder may not give away.

    The result does not depend on the order of ``names``. Of names that differ only by case or normalisation the first
    in code point order stays as it is.
    """
    used = {fold(name) for name in taken}
    found: dict[str, str] = {}
    changed: list[str] = []
    for name in sorted(set(names)):
        if name == _repaired(name) and len(name) <= MAX_NAME and fold(name) not in used:
            found[name] = name
            used.add(fold(name))
        else:
            changed.append(name)
    for name in changed:
        digits = 8
        while fold(_marked(name, digits)) in used:
            digits += 4
        found[name] = _marked(name, digits)
        used.add(fold(found[name]))
    return found


def disc_paths(top: str, paths: Iterable[Parts]) -> Mapping[Parts, str]:
    """Path in the bag for each true path (a tuple of names, relative to the candidate's folder) and for each parent.

    ``top`` is the path in the bag of the candidate's folder, itself the result for ``()``.
    """
    children: dict[Parts, set[str]] = {(): set()}
    for path in paths:
        for depth in range(len(path)):
            children.setdefault(path[:depth], set()).add(path[depth])
    found: dict[Parts, str] = {(): top}
    for parent in sorted(children, key=lambda parts: (len(parts), parts)):
        names = disc_names(children[parent], taken=() if parent else (LONG_FOLDER,))
        for true_name, name in names.items():
            whole = (*parent, true_name)
            path_on_disc = f"{found[parent]}/{name}"
            if len(path_on_disc) > MAX_PATH:
                path_on_disc = f"{top}/{LONG_FOLDER}/{_far_name(whole)}"
            found[whole] = path_on_disc
    return found


def _far_name(path: Parts) -> str:
    _, dot, extension = _marked(path[-1], 8).rpartition(".")
    return _digest("\\".join(path), 32) + (dot + extension if len(extension) <= _MAX_EXTENSION else "")
