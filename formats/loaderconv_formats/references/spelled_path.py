"""Takes a name apart as it is spelled in an IAR file; no folder is looked at."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

_VARIABLE = re.compile(r"\$(?:\{([^{}$\\/]+)\}|([^{}$\\/]+))\$(?=[\\/]|\Z)")


@dataclass(frozen=True)
class SpelledPath:
    r"""The parts of a name (docs/formats/iar.md, The .board file).

    Attributes:
        variable: name of the variable that it starts with, without dollars and braces; None where there is none.
        anchor: start of an absolute path as Windows writes it: `\`, `C:\`, `\\server\share\`, or `C:` for what is
            relative to the current folder of a drive; empty otherwise.
        components: names of the folders and of the file, with each `..` and without each `.`.
    """

    variable: str | None
    anchor: str
    components: tuple[str, ...]


def parse_spelled(text: str) -> SpelledPath:
    """Take a name apart by the rules of Windows, on any machine: both separators count."""
    text = text.strip()
    found = _VARIABLE.match(text)
    if found:
        # The dot keeps what follows from being taken for an absolute path.
        rest = PureWindowsPath("." + text[found.end() :])
        return SpelledPath(found[1] or found[2], "", rest.parts)
    path = PureWindowsPath(text)
    return SpelledPath(None, path.anchor, path.parts[1:] if path.anchor else path.parts)


def without_parents(folder: Path, components: Sequence[str]) -> tuple[Path, tuple[str, ...]]:
    """Carry out each `..` by arithmetic alone, as Windows does: return the folder to start in, and names below it."""
    names: list[str] = []
    for component in components:
        if component != "..":
            names.append(component)
        elif names:
            names.pop()
        else:
            folder = folder.parent
    return folder, tuple(names)
