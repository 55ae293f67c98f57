"""Puts what a run left behind into words: failures with the names of places, violations, made-up registers."""

import re
from collections.abc import Callable, Sequence

from loaderconv.simulation.rig import Rig
from loaderconv_schemas.errors import RunFailed
from loaderconv_schemas.timeline import GuessedRegister

MAX_SENTENCES = 100
"""Of more, the first ones tell enough."""

_ADDRESS = re.compile(r"0x([0-9a-f]{8})\b")


def explained(failure: RunFailed, place_of: Callable[[int], str | None]) -> str:
    """Return the sentence of a failure with the name of the place behind each address in the loader's code.

    Args:
        failure: it.
        place_of: names an address in memory, where it is in the code.
    """

    def named(match: re.Match[str]) -> str:
        place = place_of(int(match[1], 16))
        return match[0] if place is None else f"{match[0]} ({place})"

    return _ADDRESS.sub(named, failure.message)


def guesses_of(rig: Rig) -> tuple[GuessedRegister, ...]:
    """Return the registers whose values were made up, by address."""
    return tuple(GuessedRegister(address=each, reads=count) for each, count in sorted(rig.machine.guesses.items()))


def violations_of(rig: Rig) -> tuple[str, ...]:
    """Return what the devices counted against the loader."""
    return _first([violation for device in rig.machine.peripherals for violation in device.violations])


def remarks_of(rig: Rig) -> tuple[str, ...]:
    """Return what the devices ignored without harm."""
    return _first([remark for remarks in rig.machine.remarks for remark in remarks])


def _first(found: Sequence[str]) -> tuple[str, ...]:
    more = len(found) - MAX_SENTENCES
    return (*found[:MAX_SENTENCES], *([f"and {more} more"] if more > 0 else []))
