"""From a `.pack` or `.pdsc` file to the chips that it describes."""

from pathlib import Path

from loaderconv_formats.file_names import shown
from loaderconv_formats.pack.device_memories import chips_of
from loaderconv_formats.pack.device_tree import parse_pdsc
from loaderconv_formats.pack.pack_file import read_pdsc
from loaderconv_schemas.chip import Chip
from loaderconv_schemas.errors import UnreadableInput, naming


def read_pack(path: Path) -> tuple[Chip, ...]:
    """Return the chips in the order of the file, at least one.

    Raises:
        UnreadableInput: no pack, a damaged one, or one without a device that has RAM. The message names the file.
    """
    with naming(shown(path)):
        chips = chips_of(parse_pdsc(read_pdsc(path)), shown(path.name))
        if not chips:
            raise UnreadableInput(
                "The pack describes no device with RAM.", hint="Name a device family pack (its name ends in DFP)."
            )
        return chips
