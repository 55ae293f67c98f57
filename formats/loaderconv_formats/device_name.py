"""The name in a descriptor: a field of fixed size, with junk behind its NUL in many real files."""

from loaderconv_schemas.loader import Notice
from loaderconv_schemas.text import printable


def read_device_name(raw: bytes, field: str) -> tuple[str, tuple[Notice, ...]]:
    """Return the name up to its first NUL, and what is odd about it.

    Args:
        raw: all bytes of the field.
        field: its name in the flavour's structure, for the notices.
    """
    name, _, rest = raw.partition(b"\0")
    text = printable(name.decode("ascii", "backslashreplace"))
    found = []
    if rest.strip(b"\0"):
        found.append(
            Notice(code="name-junk", message=f"{field} has bytes behind its terminating NUL; they are ignored.")
        )
    if len(name) == len(raw):
        found.append(Notice(code="name-unterminated", message=f"{field} fills all {len(raw)} bytes without a NUL."))
    if text.encode() != name:
        found.append(
            Notice(
                code="name-not-printable", message=f"{field} holds bytes that are not printable ASCII; shown escaped."
            )
        )
    return text, tuple(found)
