"""Hands pieces of data over to a loader through buffers in its RAM."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from loaderconv.hosts.core import Core
from loaderconv.hosts.host import Outcome


@dataclass(frozen=True)
class Piece:
    """What one call programs.

    Attributes:
        address: where it goes.
        data: its bytes, not more than a buffer holds.
    """

    address: int
    data: bytes


Call = Callable[[Outcome, Piece, int, Callable[[], None] | None], Outcome]
"""Makes the next call of an operation: outcome so far, piece, address of its buffer, what to do while the core runs."""


def hand_over(core: Core, buffers: Sequence[int], outcome: Outcome, pieces: Sequence[Piece], call: Call) -> Outcome:
    """Make one call per piece, until one fails; the buffers are used in turn.

    With more than one buffer the next piece is written while the loader works on the one before.

    Args:
        core: where the buffers lie.
        buffers: their addresses.
        outcome: what the operation has come to before.
        pieces: in order.
        call: makes a call.
    """
    is_ahead = len(buffers) > 1
    for number, piece in enumerate(pieces):
        if not outcome.succeeded:
            break
        buffer = buffers[number % len(buffers)]
        if number == 0 or not is_ahead:
            core.write_memory(buffer, piece.data)
        meanwhile = None
        if is_ahead and number + 1 < len(pieces):
            next_buffer = buffers[(number + 1) % len(buffers)]
            meanwhile = partial(core.write_memory, next_buffer, pieces[number + 1].data)
        outcome = call(outcome, piece, buffer, meanwhile)
    return outcome
