"""Names files that are no loaders, so that a wrong file name is seen at once."""

import re
from dataclasses import dataclass

from loaderconv_formats.file_bytes import MAX_FILE_BYTES
from loaderconv_schemas.errors import UnreadableInput

_LOOK_AT_BYTES = 4096


@dataclass(frozen=True)
class _Foreign:
    """A kind of file that people hand in by mistake.

    Attributes:
        pattern: what its first bytes match.
        description: what it is, with its article.
        hint: the next step.
    """

    pattern: re.Pattern[bytes]
    description: str
    hint: str


_UNPACK = "Unpack it and name the loader inside."
_LINKED = "Flash loaders are linked ELF files: name the output of the linker, not what was made of it."

_FOREIGN = (
    _Foreign(re.compile(rb"PK\x03\x04|PK\x05\x06"), "a ZIP archive (a .pack is one)", _UNPACK),
    _Foreign(re.compile(rb"\x1f\x8b"), "a gzip archive", _UNPACK),
    _Foreign(re.compile(rb"7z\xbc\xaf\x27\x1c|Rar!"), "an archive", _UNPACK),
    _Foreign(re.compile(rb"MZ"), "a Windows program", "Vendors ship self-extracting archives: run or unpack it first."),
    _Foreign(re.compile(rb"!<arch>\n"), "a library", _LINKED),
    _Foreign(re.compile(rb":[0-9A-Fa-f]{8}"), "an Intel HEX file", _LINKED),
    _Foreign(re.compile(rb"S[0-3][0-9A-Fa-f]{6}"), "a Motorola S-record file", _LINKED),
    _Foreign(re.compile(rb"UF2\n"), "a UF2 image", _LINKED),
    _Foreign(
        re.compile(rb"version https://git-lfs"),
        "a Git LFS pointer, not the file that it stands for",
        "Fetch the file with git lfs pull.",
    ),
    _Foreign(
        re.compile(rb"\xef\xbb\xbf\x7fELF|\xff\xfe|\xfe\xff|[\s\S]{0,64}\x7fELF"),
        "text, or an ELF file that went through a text conversion",
        "Take the file from its origin again, as binary.",
    ),
)


def describe_foreign(data: bytes) -> UnreadableInput:
    """Return the refusal of a file that is neither ELF nor XML, saying what it is where that shows."""
    if not data:
        return UnreadableInput("The file is empty.", hint="Take the file from its origin again.")
    if len(data) > MAX_FILE_BYTES:
        return UnreadableInput(
            f"The file has {len(data)} bytes; no flash loader is that large.", hint="Name the loader file itself."
        )
    start = data[:_LOOK_AT_BYTES]
    for foreign in _FOREIGN:
        if foreign.pattern.match(start):
            return UnreadableInput(f"The file is not an ELF file but {foreign.description}.", hint=foreign.hint)
    return UnreadableInput(
        "The file is not an ELF file, nor an IAR .flash or .board.",
        hint="Flash loaders are linked ELF files; a .hex, .bin or text file cannot be one.",
    )
