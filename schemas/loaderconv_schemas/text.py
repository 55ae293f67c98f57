"""Text from strangers: file names, device names, messages of other libraries."""


def printable(text: str) -> str:
    """Return text of one line that no terminal takes for a command; what is not printable becomes an escape."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)
