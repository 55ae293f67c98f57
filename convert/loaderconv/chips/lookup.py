"""Finds a chip by the name that a user writes."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path

from loaderconv.chips.built_in import built_in_chips
from loaderconv.chips.part_numbers import Agreement, agreement, folded
from loaderconv_schemas.chip import Chip
from loaderconv_schemas.errors import UsageProblem

MAX_SUGGESTIONS = 5

_LIST_HINT = "--chip list prints all known chips; --pack FILE adds those of a CMSIS-Pack."


def known_chips(packs: Sequence[Path] = ()) -> tuple[Chip, ...]:
    """Return the chips of the packs in their order, and behind them the built-in table.

    Raises:
        UnreadableInput: a pack cannot be read.
    """
    return (*_chips_of_packs(packs), *built_in_chips())


def find_chip(name: str, packs: Sequence[Path] = ()) -> Chip:
    """Return the chip that `name` means; the packs come before the built-in table.

    The name as it stands counts first, then the names that agree with it in the most characters
    (`loaderconv.chips.part_numbers`). Of several that a loader cannot tell apart, the first is returned.

    Args:
        name: a part number such as STM32H743 or STM32H743ZIT6, in capitals or not.
        packs: `.pack` or `.pdsc` files.

    Raises:
        UsageProblem: no chip has that name, or several that differ in RAM.
        UnreadableInput: a pack cannot be read.
    """
    in_packs = _chips_of_packs(packs)
    for chips in (in_packs, built_in_chips()):
        if meant := _meant(name, chips):
            return _only(name, meant)
    raise _unknown(name, (*in_packs, *built_in_chips()))


def _chips_of_packs(packs: Sequence[Path]) -> tuple[Chip, ...]:
    if not packs:
        return ()
    from loaderconv_formats.pack.reader import read_pack  # noqa: PLC0415 - the built-in table needs no XML

    return tuple(chip for pack in packs for chip in read_pack(pack))


def _meant(name: str, chips: Iterable[Chip]) -> list[Chip]:
    """Return the chips of exactly that name, or else those that agree with it best."""
    found: list[Chip] = []
    best = Agreement(length=1, literal=0)
    for chip in chips:
        rank = agreement(name, chip.name)
        if rank is None or rank < best:
            continue
        if rank > best:
            best, found = rank, []
        found.append(chip)
    exact = [chip for chip in found if folded(chip.name) == folded(name)]
    return exact or found


def _only(name: str, meant: Sequence[Chip]) -> Chip:
    listed: list[Chip] = []
    for chip in meant:
        if not any(chip.has_same_ram(other) for other in listed):
            listed.append(chip)
    if len(listed) == 1:
        return listed[0]
    names = list(dict.fromkeys(chip.name for chip in listed))
    if len(names) == 1:
        sources = " and ".join(dict.fromkeys(chip.source for chip in listed))
        raise UsageProblem(
            f"--chip {name!a}: {sources} describe it with different RAM.",
            hint=f"Name only one of these packs, or give the RAM with --ram. {_LIST_HINT}",
        )
    raise UsageProblem(
        f"--chip {name!a} means several chips whose RAM differs.",
        hint=f"Write more of the name, for instance {', '.join(names[:MAX_SUGGESTIONS])}. {_LIST_HINT}",
    )


def _unknown(name: str, chips: Iterable[Chip]) -> UsageProblem:
    by_folded = {folded(chip.name): chip.name for chip in reversed(tuple(chips))}
    close = [by_folded[each] for each in get_close_matches(folded(name), by_folded, n=MAX_SUGGESTIONS)]
    similar = f" Names like it: {', '.join(close)}." if close else ""
    return UsageProblem(
        f"--chip {name!a}: no chip of that name is known.",
        hint="Take the RAM from its vendor's CMSIS-Pack (--pack FILE) or its data sheet (--ram)."
        f"{similar} {_LIST_HINT}",
    )
