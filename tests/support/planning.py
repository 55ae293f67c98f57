"""Sources as models, made without a file; what is planned for them, and how they are refused."""

from collections.abc import Sequence

from loaderconv.conversion.linking.link import link
from loaderconv.conversion.linking.linked import Linked
from loaderconv.conversion.plan import plan_conversion
from loaderconv.conversion.request import ConversionRequest
from loaderconv.conversion.source import Source
from loaderconv.conversion.targets.planned import Planned
from loaderconv.conversion.verification.structure import verify_program
from loaderconv_formats.elf.writer import write_elf
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.device import Device, SectorRun
from loaderconv_schemas.entry_point import EntryPoint, Routine
from loaderconv_schemas.errors import ConversionRefused, ExitCode
from loaderconv_schemas.iar import ArgumentBlock, IarInterface
from loaderconv_schemas.loader import Flavour, Loader
from loaderconv_schemas.memory import Part, Placement, PlacementKind, Segment
from support.loader_models import DEVICE, addresses, entry, interface, loader, segment

RAM = addresses(0x2000_0000, 0x2002_0000)
LINK_ADDRESS = 0x2000_4004
"""Where absolute sources lie unless a test says otherwise."""

_ROUTINES = {
    Flavour.FLM: {
        "Init": Routine.INIT,
        "UnInit": Routine.UNINIT,
        "EraseSector": Routine.ERASE_SECTOR,
        "ProgramPage": Routine.PROGRAM_PAGE,
    },
    Flavour.STLDR: {"Init": Routine.INIT, "Write": Routine.PROGRAM_PAGE, "SectorErase": Routine.ERASE_SECTOR},
    Flavour.IAR: {
        "FlashInit": Routine.INIT,
        "FlashWrite": Routine.PROGRAM_PAGE,
        "FlashErase": Routine.ERASE_SECTOR,
    },
}


def routines(flavour: Flavour, start: int, *others: tuple[str, Routine]) -> tuple[EntryPoint, ...]:
    """Return the routines that no source may lack, and others, one behind the other; an IAR loader's C layer."""
    named = [*_ROUTINES[flavour].items(), *others]
    return tuple(entry(routine, symbol, start + 16 * number) for number, (symbol, routine) in enumerate(named))


def flm(*segments: Segment, **others: object) -> Loader:
    """Return an FLM: without segments one of code and data, to which r9 points."""
    found = segments or (segment(Part.CODE, 0, 128), segment(Part.DATA, 128, 8, zeros=24))
    usual: dict[str, object] = {
        "entries": routines(Flavour.FLM, found[0].address),
        "placement": Placement(
            kind=PlacementKind.POSITION_INDEPENDENT,
            static_base=next((each.address for each in found if each.part is Part.DATA), None),
            alignment_bytes=4,
        ),
    }
    return loader(Flavour.FLM, *found, **{**usual, **others})  # type: ignore[arg-type]


def stldr(*segments: Segment, **others: object) -> Loader:
    """Return a stldr: without segments one of code with zeros behind it."""
    found = segments or (segment(Part.CODE, LINK_ADDRESS, 128, zeros=32),)
    usual: dict[str, object] = {"entries": routines(Flavour.STLDR, found[0].address)}
    return loader(Flavour.STLDR, *found, **{**usual, **others})  # type: ignore[arg-type]


def iar(*segments: Segment, **others: object) -> Loader:
    """Return an IAR loader: without segments one of code, and zeroed variables with parameter block and stack."""
    start = LINK_ADDRESS & -8
    found = segments or (segment(Part.CODE, start, 128), segment(Part.DATA, start + 0x100, b"", zeros=0x200))
    usual: dict[str, object] = {
        "iar_interface": iar_interface(found[0].address, start + 0x100),
        "placement": Placement(kind=PlacementKind.ABSOLUTE, alignment_bytes=4),
    }
    return loader(Flavour.IAR, *found, **{**usual, **others})  # type: ignore[arg-type]


def iar_interface(code: int, variables: int, **known: object) -> IarInterface:
    """Return an interface with a C layer, and from an address on: parameter block, arguments and stack."""
    usual: dict[str, object] = {
        "parameters": AddressRange(start=variables, size_bytes=20),
        "arguments": ArgumentBlock(
            count_address=variables + 20,
            vector=AddressRange(start=variables + 24, size_bytes=8),
            text=AddressRange(start=variables + 32, size_bytes=12),
        ),
        "stack": AddressRange(start=variables + 0x40, size_bytes=0x1C0),
        "c_layer": routines(Flavour.IAR, code),
    }
    return interface(**{**usual, **known})


MADE = {Flavour.FLM: flm, Flavour.STLDR: stldr, Flavour.IAR: iar}
"""By flavour, what makes a source of it."""


def device(**changes: object) -> Device:
    """Return the usual device with changes."""
    return DEVICE.model_copy(update=changes)


def sectors(*runs: tuple[int, int]) -> tuple[SectorRun, ...]:
    """Return runs of (count, size) that follow each other."""
    found: list[SectorRun] = []
    for count, size in runs:
        offset = found[-1].end_offset_bytes if found else 0
        found.append(SectorRun(offset_bytes=offset, sector_size_bytes=size, count=count))
    return tuple(found)


def device_of(runs: Sequence[SectorRun], **changes: object) -> Device:
    """Return the usual device with other sectors, which it is as large as."""
    return device(sectors=tuple(runs), size_bytes=runs[-1].end_offset_bytes, **changes)


def plan(source: Source | Loader, target: Flavour, **changes: object) -> Planned:
    """Plan a conversion; `changes` are fields of the request."""
    usual: dict[str, object] = {"file_name": f"x.{target.lower()}", "name": "x", "given_ram": RAM}
    request = ConversionRequest(target=target, **{**usual, **changes})  # type: ignore[arg-type]
    return plan_conversion(Source(source) if isinstance(source, Loader) else source, request)


def carry_out(planned: Planned) -> Linked:
    """Link a plan, write the program, and verify it."""
    linked = link(planned)
    verify_program(write_elf(linked.document), linked)
    return linked


def refusal(source: Source | Loader, target: Flavour, **changes: object) -> ConversionRefused:
    """Return the refusal that a conversion must end with; it says what is wrong, and what to do."""
    try:
        carry_out(plan(source, target, **changes))
    except ConversionRefused as refused:
        found = refused
    else:
        raise AssertionError("the conversion was not refused")
    assert found.exit_code is ExitCode.REFUSED
    for text in (found.message, found.hint):
        assert text.isascii()
        assert text.strip()
    return found


def assert_refused(source: Source | Loader, target: Flavour, fact: str, way_out: str, **changes: object) -> None:
    """Check that a conversion is refused with a fact in the message and a way out in the hint."""
    found = refusal(source, target, **changes)
    assert fact in found.message, found.message
    assert way_out in found.hint, found.hint


def others(flavour: Flavour) -> list[Flavour]:
    """Return the flavours to which a source of one can be converted."""
    return [each for each in Flavour if each is not flavour]
