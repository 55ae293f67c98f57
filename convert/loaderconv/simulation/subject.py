"""What is run: a loader read from its file, with its pass and the names in its code."""

from dataclasses import dataclass
from pathlib import Path

from loaderconv.simulation.symbols import SymbolMap, code_symbols
from loaderconv_formats.bundle_reader import read_named_file
from loaderconv_formats.detection import is_elf
from loaderconv_formats.elf.reader import read_elf
from loaderconv_formats.executable_image import image_of
from loaderconv_formats.file_names import shown
from loaderconv_formats.passes import chosen_pass, facts_of, loader_of
from loaderconv_formats.references.search import SearchPaths
from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES, AddressRange
from loaderconv_schemas.bundle import PassFacts
from loaderconv_schemas.loader import Loader
from loaderconv_schemas.memory import PlacementKind


@dataclass(frozen=True)
class Subject:
    """A loader to run.

    Attributes:
        name: of its file, for people.
        loader: what was read.
        facts: offset, arguments and place that the pass of a `.board` gives it.
        symbols: names in its code.
    """

    name: str
    loader: Loader
    facts: PassFacts
    symbols: SymbolMap

    @property
    def taken(self) -> tuple[AddressRange, ...]:
        """Addresses that it needs: of its image, unless that runs anywhere, and of what it installs elsewhere."""
        if self.loader.placement.kind is PlacementKind.POSITION_INDEPENDENT:
            return self.loader.installed
        shift = self.facts.loader_offset or 0
        image = tuple(
            AddressRange(start=(each.address + shift) % ADDRESS_SPACE_BYTES, size_bytes=each.memory_size_bytes)
            for each in self.loader.image_segments
            if each.memory_size_bytes
        )
        return image + self.loader.installed


def read_subject(path: Path, search: SearchPaths, pass_number: int | None = None) -> Subject:
    """Read a loader from whichever of its files is named.

    Args:
        path: an FLM, a stldr, or an IAR `.out`, `.flash` or `.board`.
        search: where the other files of an IAR loader may lie.
        pass_number: which pass of a `.board`, from 1; None: the only one.

    Raises:
        UnreadableInput: the file cannot be opened, is no loader, or is damaged.
        UsageProblem: there are several passes and nothing says which, or there is none of that number.
        ConversionRefused: the files of its loader could not be read.
    """
    file = read_named_file(path, search)
    each = chosen_pass(file.bundle, pass_number, several_hint="Choose one with --pass N.")
    loader = loader_of(each, file.bundle)
    named = read_elf(file.data) if is_elf(file.data) else None
    return Subject(shown(path.name), loader, facts_of(each), code_symbols(image_of(loader, file.bundle, named)))
