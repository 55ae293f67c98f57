"""Reads the bytes of an output back with two readers and compares them with the plan, before they become a file."""

from loaderconv.conversion.linking.linked import Linked
from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.facts import facts_of
from loaderconv_formats.elf.image import ElfImage, ElfSegment
from loaderconv_formats.elf.second_reader import second_reading
from loaderconv_formats.loader_file import parse_loader
from loaderconv_formats.stldr.storage_info import SIZE_BYTES
from loaderconv_schemas.errors import LoaderConvError
from loaderconv_schemas.loader import Flavour, Loader


def verify_program(data: bytes, linked: Linked) -> tuple[str, ...]:
    """Return what was checked, one sentence each.

    Args:
        data: the bytes of the file.
        linked: the loader that was meant to be written.

    Raises:
        LoaderConvError: the file is not what was planned (exit code 70: a defect of loaderconv).
    """
    planned = linked.loader
    read_back = parse_loader(data, planned.identity.name)
    found = read_back.loader
    for aspect in ("flavour", "identity", "entry_points", "installed", "iar_interface"):
        _expect(getattr(found, aspect) == getattr(planned, aspect), f"its {aspect.replace('_', ' ')}")
    _expect(found.placement.kind is planned.placement.kind, "its placement")
    _expect(found.placement.static_base == planned.placement.static_base, "its static base")
    _expect(_content(found) == _content(planned), "the bytes of its image")
    if planned.flavour is not Flavour.IAR:
        _expect(found.device == planned.device, "its device")
    difference = facts_of(read_back.image).difference(second_reading(data))
    _expect(difference is None, f"what LIEF reads ({difference})")
    return (
        "Read back: device, sectors, entry points and every byte of the image are as planned."
        if planned.flavour is not Flavour.IAR
        else "Read back: C-SPY's symbols, entry points and every byte of the image are as planned.",
        *(_check_stldr(read_back.image) if planned.flavour is Flavour.STLDR else ()),
        "LIEF, an independent reader, sees the same segments, sections and symbols.",
    )


def _content(loader: Loader) -> list[tuple[int, bytes]]:
    """Return what a host downloads, by address."""
    return sorted((segment.address, segment.data) for segment in loader.image_segments if segment.data)


def _check_stldr(image: ElfImage) -> tuple[str, ...]:
    """Check what hosts are known to reject (docs/formats/stldr.md, Accepted and rejected)."""
    descriptor, body = _two(image)
    _expect(descriptor.address == 0 and len(descriptor.data) == SIZE_BYTES, "its descriptor segment")
    _expect(all(each.memory_size_bytes == len(each.data) for each in (descriptor, body)), "a segment's memory size")
    allocated = [section for section in image.sections if section.is_allocated]
    _expect(all(section.type != c.SHT_NOBITS for section in allocated), "a NOBITS section")
    loaded = sorted((s for s in allocated if s.address >= body.address), key=lambda section: section.address)
    covered = body.address
    for section in loaded:
        _expect(section.address == covered and bool(section.flags & (c.SHF_WRITE | c.SHF_EXECINSTR)), "its sections")
        covered = section.end
    _expect(covered == body.file_end, "the bytes that its sections cover")
    return (f"Two load segments: the descriptor alone ({SIZE_BYTES} bytes at address 0), the image without NOBITS.",)


def _two(image: ElfImage) -> tuple[ElfSegment, ElfSegment]:
    _expect(len(image.segments) == 2 and len(image.load_segments) == 2, "its segments")
    first, second = image.load_segments
    return first, second


def _expect(held: bool, what: str) -> None:  # noqa: FBT001 - a check reads best with its condition first
    if not held:
        raise LoaderConvError(
            f"The linked file differs from the plan in {what}.",
            hint="This is a defect of loaderconv; nothing was written. Please report it with the input file.",
        )
