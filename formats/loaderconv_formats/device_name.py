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
    oddities = {
        ("name-junk", "has bytes behind its terminating NUL; they are ignored."): bool(rest.strip(b"\0")),
        ("name-unterminated", f"fills all {len(raw)} bytes without a NUL."): len(name) == len(raw),
        ("name-not-printable", "holds bytes that are not printable ASCII; shown escaped."): text.encode() != name,
    }
    found = (Notice(code=code, message=f"{field} {words}") for (code, words), holds in oddities.items() if holds)
    return text, tuple(found)
