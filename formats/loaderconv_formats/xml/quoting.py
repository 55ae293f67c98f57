"""Text of a stranger's file inside our messages, which are short and ASCII."""

from loaderconv_schemas.text import printable

_MAX_LENGTH = 60


def short_ascii(text: str) -> str:
    """Return printable ASCII of at most 60 characters; what is cut off is marked by three dots."""
    kept = printable(text[: _MAX_LENGTH + 1]).encode("ascii", "backslashreplace").decode("ascii")
    return kept if len(kept) <= _MAX_LENGTH else kept[:_MAX_LENGTH] + "..."


def quoted(text: str) -> str:
    """Return the same between quotes."""
    return f'"{short_ascii(text)}"'
