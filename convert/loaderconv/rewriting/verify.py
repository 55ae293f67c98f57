"""Reads a rewritten file back with two readers and compares it with what was meant, before it becomes a file."""

from loaderconv.rewriting.draft import Draft
from loaderconv.rewriting.result import Rewritten
from loaderconv_formats.detection import KINDS_OF_LOADERS
from loaderconv_formats.elf.facts import facts_of
from loaderconv_formats.elf.image import ElfImage
from loaderconv_formats.elf.second_reader import second_reading
from loaderconv_formats.elf.writer import write_elf
from loaderconv_formats.loader_file import parse_loader
from loaderconv_schemas.errors import ConversionRefused

_ASPECTS = ("flavour", "identity", "device", "entry_points", "segments", "placement", "ram", "iar_interface")

_AS_THEY_WERE = (
    "Read back: device, routines and every byte of the image are those of the input but for the changes named."
)
_MOVED = (
    "Read back: device and routines are those of the input, moved with the image, and its bytes are those that the"
    " relocations ask for."
)


def written_and_verified(draft: Draft) -> Rewritten:
    """Return the file that a draft becomes.

    Raises:
        ConversionRefused: as `verify`.
    """
    data = write_elf(draft.image)
    kind = KINDS_OF_LOADERS[draft.expected.flavour]
    return Rewritten(data, kind, draft.changes, verify(data, draft))


def verify(data: bytes, draft: Draft) -> tuple[str, ...]:
    """Return what was checked, one sentence each.

    Args:
        data: the bytes of the file.
        draft: the document from which they were made, and what it means.

    Raises:
        ConversionRefused: the bytes say something else than was meant. Only oddities of the input lead there.
    """
    read_back = parse_loader(data, draft.expected.identity.name)
    for aspect in _ASPECTS:
        _expect(getattr(read_back.loader, aspect) == getattr(draft.expected, aspect), f"its {aspect.replace('_', ' ')}")
    facts = facts_of(read_back.image)
    difference = facts_of(draft.image).difference(facts)
    _expect(difference is None, str(difference))
    _expect(_relocations(draft.image) == _relocations(read_back.image), "its relocations")
    difference = facts.difference(second_reading(data))
    _expect(difference is None, f"what LIEF reads ({difference})")
    return (
        _MOVED if draft.is_moved else _AS_THEY_WERE,
        "All other sections, symbols and relocations are there.",
        "LIEF, an independent reader, sees the same segments, sections and symbols.",
    )


def _relocations(image: ElfImage) -> list[tuple[str, int, int, tuple[str, int] | None, int | None]]:
    """Return name of the table, place, type, symbol and addend of all relocations."""
    return [
        (
            section.name,
            entry.offset,
            entry.type,
            None if entry.symbol is None else (entry.symbol.name, entry.symbol.value),
            entry.addend,
        )
        for section in image.sections
        if isinstance(section.content, list)
        for entry in section.content
    ]


def _expect(held: bool, what: str) -> None:  # noqa: FBT001 - a check reads best with its condition first
    if not held:
        raise ConversionRefused(
            f"The file does not survive being written anew: {what} would differ.",
            hint="It looks damaged or badly post-processed: take it from its origin again.",
        )
