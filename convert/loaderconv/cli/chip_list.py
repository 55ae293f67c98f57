"""What `--chip list` and `--pack` mean, the same for every command that takes them."""

from collections.abc import Sequence
from pathlib import Path

from loaderconv.chips.lookup import known_chips
from loaderconv.cli.chip_option import LIST_CHIPS
from loaderconv.cli.console import print_report
from loaderconv.report.chips import chip_list
from loaderconv_schemas.errors import UsageProblem


def printed_chips(chip: str | None, packs: Sequence[Path]) -> bool:
    """Print the known chips where `--chip` asks for them, and tell whether that was so.

    Raises:
        UsageProblem: there are packs, and no chip that they could describe.
        UnreadableInput: a pack cannot be read.
    """
    if chip == LIST_CHIPS:
        print_report(chip_list(known_chips(packs)))
        return True
    if packs and chip is None:
        raise UsageProblem(
            "--pack adds chips to choose from, and no --chip chooses one.",
            hint="Add --chip NAME, or --chip list to see the chips of the pack.",
        )
    return False
