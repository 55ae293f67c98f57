"""Text from strangers: file names, device names, messages of other libraries."""

MAX_LINE_LENGTH = 1000
"""Of a line that may quote names: those of symbols may have megabytes."""

_END_LENGTH = 400
_CUT = " ... "


def printable(text: str) -> str:
    """Return text of one line that no terminal takes for a command; what is not printable becomes an escape."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def one_line(text: str) -> str:
    """Return printable text of bearable length; where it is longer, its middle is left out."""
    if text.isprintable() and len(text) <= MAX_LINE_LENGTH:
        return text
    return _without_middle(printable(_without_middle(text)))


def _without_middle(text: str) -> str:
    if len(text) <= MAX_LINE_LENGTH:
        return text
    return text[: MAX_LINE_LENGTH - _END_LENGTH - len(_CUT)] + _CUT + text[-_END_LENGTH:]
