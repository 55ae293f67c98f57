"""Parses `--for HOST`, and lists of words with commas."""

from collections.abc import Iterable
from difflib import get_close_matches

from loaderconv_schemas.errors import UsageProblem
from loaderconv_schemas.host import Host


def split_words(given: Iterable[str] | None) -> list[str]:
    """Return the words of an option that may be repeated, or hold several with commas between them."""
    return [word.strip() for text in given or () for word in text.split(",") if word.strip()]


def parse_hosts(given: Iterable[str] | None) -> list[Host]:
    """Return the hosts, each once, in the order in which they were named.

    Raises:
        UsageProblem: there is no such host.
    """
    known = {host.value: host for host in Host}
    found: dict[Host, None] = {}
    for word in split_words(given):
        host = known.get(word.lower())
        if host is None:
            close = get_close_matches(word.lower(), known, n=1)
            suggestion = f"Did you mean {close[0]}? " if close else ""
            raise UsageProblem(
                f"--for {word!a}: no such host is known.", hint=f"{suggestion}The hosts are {', '.join(known)}."
            )
        found[host] = None
    return list(found)
