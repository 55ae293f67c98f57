"""What rules of all flavours say of the same observation: the facts, in one sentence."""

from collections.abc import Iterable, Sequence

from loaderconv.lint.behaviour.observations import (
    JUDGED_APART,
    Attempt,
    DirtyStart,
    Ending,
    Interrupts,
    Observations,
    Operation,
)
from loaderconv_schemas.address_range import AddressRange

_BROKEN = (Ending.HUNG, Ending.FAULTED, Ending.STOPPED_ELSEWHERE, Ending.REFUSED)


def runs_that_do_not_end(observed: Observations) -> list[Attempt]:
    """Return the operations that did not come back, one for each routine and way in which it did not."""
    return _distinct(each for each in observed.attempts if each.ending in _BROKEN and _counts(each))


def runs_that_fail(observed: Observations) -> list[Attempt]:
    """Return the operations that came back and did not do their work, one for each answer."""
    return _distinct(
        each
        for each in observed.attempts
        if each.ending is Ending.RETURNED and not each.is_good and each.operation not in JUDGED_APART
    )


def runs_that_clobber(observed: Observations) -> list[Attempt]:
    """Return the operations after which registers were changed, one for each routine."""
    return _distinct(each for each in observed.attempts if each.ending is Ending.CLOBBERED)


def not_ended(attempt: Attempt) -> str:
    """Return how an operation ended that did not come back."""
    return f"{_plain(attempt)} That was in {attempt.operation}."


def failed(attempt: Attempt) -> str:
    """Return what an operation came to that did not do its work."""
    if attempt.succeeded:
        return (
            f"{_capital(attempt.operation)} answers success ({_clause(attempt)}), but the memory is not as it must be."
        )
    return f"{_capital(attempt.operation)} fails: {_clause(attempt)}."


def clobbered(attempt: Attempt) -> str:
    """Return which register a routine changed."""
    return f"{_plain(attempt)} That was in {attempt.operation}."


def erased_beyond(ranges: Sequence[AddressRange]) -> str:
    """Return what an erase of one sector changed besides."""
    return f"An erase of one sector also changes {_listed(map(str, ranges))}, which is another sector."


def deep_stack(stack_bytes: int, left_bytes: int, of_whom: str) -> str:
    """Return how much stack is used, and how much there is."""
    return f"The stack is {stack_bytes} bytes deep, and {of_whom} {left_bytes}."


def written_outside(ranges: Sequence[AddressRange]) -> str:
    """Return what was written outside of image, stack and buffer."""
    return f"RAM outside of image, stack and buffer is written: {_listed(map(str, ranges))} (link addresses)."


def polls_for_ever(attempt: Attempt) -> str:
    """Return where a loader waits for a memory that stays busy."""
    return f"While the memory stays busy in {attempt.operation}, the loader waits for ever: {_clause(attempt)}."


def does_not_work_again(failure: str) -> str:
    """Return what goes wrong when a loader is started a second time."""
    return f"When started a second time, without a new download, it does not work: {failure}."


def does_not_work_after(start: DirtyStart) -> str:
    """Return what goes wrong in a condition."""
    return f"From the start condition {start.name} ({start.meaning}) it does not work: {start.failure}."


def left_on(interrupts: Interrupts) -> str:
    """Return which of the core's interrupts a loader uses, empty for none."""
    found = [
        f"VTOR is set to 0x{interrupts.vtor:08x}" if interrupts.vtor is not None else "",
        "the interrupt of SysTick is on" if interrupts.has_systick else "",
        "interrupts are enabled in the NVIC" if interrupts.has_others else "",
    ]
    return _listed(filter(None, found))


def accepted_changes(observed: Observations) -> str:
    """Return which changed bytes a verify calls equal, empty for none."""
    wanted = {Operation.VERIFY_FIRST: "the first byte", Operation.VERIFY_LAST: "the last byte"}
    found = [(each, words) for each, words in ((observed.attempt(key), words) for key, words in wanted.items()) if each]
    return _listed(words for each, words in found if each.succeeded)


def _counts(attempt: Attempt) -> bool:
    return attempt.operation is not Operation.EMPTY_ERASE


def _distinct(attempts: Iterable[Attempt]) -> list[Attempt]:
    found: dict[tuple[str | None, str, str], Attempt] = {}
    for each in attempts:
        found.setdefault((each.routine, each.ending, "" if each.routine else each.detail), each)
    return list(found.values())


def _plain(attempt: Attempt) -> str:
    return attempt.detail if attempt.detail.endswith(".") else f"{attempt.detail}."


def _clause(attempt: Attempt) -> str:
    return attempt.detail.rstrip(".")


def _capital(operation: Operation) -> str:
    return operation[0].upper() + operation[1:]


def _listed(words: Iterable[str]) -> str:
    found = list(words)
    return found[0] if len(found) == 1 else " and ".join((", ".join(found[:-1]), *found[-1:])) if found else ""
