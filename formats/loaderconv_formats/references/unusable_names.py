"""Names that no file can have where IAR files come from; they are never looked up, on any machine."""

import os
import re

from loaderconv_formats.file_names import shown
from loaderconv_formats.references.spelled_path import SpelledPath

_MAX_CHARACTERS = 4096
_MAX_COMPONENTS = 64
"""Windows takes 260 characters unless told otherwise; this bounds what a search by name can cost."""

_DEVICE_NAMESPACE = re.compile(r"\s*[\\/]{2}[.?][\\/]")

_NO_FILE_HAS = (
    (
        re.compile(r"\$(\{[^{}$]*\}|[^{}$]*)\$"),
        "is a variable in a place other than the first folder of the path",
    ),
    (re.compile(r"\$?\{[A-Za-z_][\w. ]*\}"), "is a placeholder of a template that was never filled in"),
    (re.compile(r'(?s)\A.*[\x00-\x1f<>:"|?*].*'), "holds characters that no file's name can have on Windows"),
    (re.compile(r"\A.*[ .]\Z"), "ends in a blank or a dot, which no file's name does on Windows"),
    (
        re.compile(r"(?i)\A(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[1-9\u00b9\u00b2\u00b3]) *(\..*)?\Z"),
        "is the name of a device on Windows",
    ),
)
"""What to find in a component, and why that cannot be, or be in, the name of a file."""


def why_unusable(text: str, path: SpelledPath) -> str | None:
    """Return a sentence that says why no file can have this name; None where one can."""
    if not text.strip():
        return "The name is empty."
    if len(text) > _MAX_CHARACTERS or len(path.components) > _MAX_COMPONENTS:
        return "The name is longer than any file's can be."
    if not _is_encodable(text):
        return "The name holds characters that no file's name can have on this machine."
    if _DEVICE_NAMESPACE.match(text):
        return f"{shown(text.strip())} names a device, not a file."
    return next((reason for each in path.components if (reason := _why_no_file_has(each))), None)


def _why_no_file_has(component: str) -> str | None:
    if component == "..":
        return None
    found = ((pattern.search(component), reason) for pattern, reason in _NO_FILE_HAS)
    return next((f"{shown(match[0])} {reason}." for match, reason in found if match), None)


def _is_encodable(text: str) -> bool:
    try:
        os.fsencode(text)
    except UnicodeEncodeError:
        return False
    return True
