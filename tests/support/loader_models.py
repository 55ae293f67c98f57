"""Loaders as models, made without a file."""

from collections.abc import Sequence

from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.bundle import Bundle, Pass
from loaderconv_schemas.device import Device, DeviceKind, SectorRun
from loaderconv_schemas.entry_point import EntryPoint, Routine
from loaderconv_schemas.iar import IarInterface
from loaderconv_schemas.loader import Flavour, Identity, Loader
from loaderconv_schemas.memory import Part, Placement, PlacementKind, RamNeed, Segment

DEVICE = Device(
    name="W25Q64",
    kind=DeviceKind.SPI_FLASH,
    type_code=5,
    base_address=0x9000_0000,
    size_bytes=0x1_0000,
    page_size_bytes=256,
    erased_value=0xFF,
    program_timeout_ms=100,
    erase_timeout_ms=3000,
    sectors=(SectorRun(offset_bytes=0, sector_size_bytes=0x1000, count=16),),
)


def addresses(start: int, end: int) -> AddressRange:
    """Return the range from `start` up to, but without, `end`."""
    return AddressRange(start=start, size_bytes=end - start)


def segment(part: Part, address: int, data: bytes | int, zeros: int = 0) -> Segment:
    """Return a segment of the given bytes, or of so many, with zeros behind them."""
    filled = bytes(range(256)) * (data // 256 + 1) if isinstance(data, int) else data
    held = filled[:data] if isinstance(data, int) else data
    return Segment(
        part=part,
        address=address,
        data=held,
        memory_size_bytes=len(held) + zeros,
        writable=part is Part.DATA,
        executable=part is Part.CODE,
    )


def entry(routine: Routine, symbol: str, address: int, *, thumb: bool = True) -> EntryPoint:
    """Return a routine of 16 bytes."""
    return EntryPoint(routine=routine, symbol=symbol, address=address, thumb=thumb, size_bytes=16)


def loader(
    flavour: Flavour,
    *segments: Segment,
    device: Device | None = DEVICE,
    entries: Sequence[EntryPoint] = (),
    **others: object,
) -> Loader:
    """Return a loader; `others` are fields that differ from what is usual here."""
    usual: dict[str, object] = {
        "identity": Identity(name="made"),
        "placement": Placement(kind=PlacementKind.ABSOLUTE, alignment_bytes=4),
        "ram": RamNeed(image_bytes=sum(each.memory_size_bytes for each in segments), page_buffer_bytes=256),
    }
    fields = {**usual, **others}
    return Loader.model_validate(
        {"flavour": flavour, "device": device, "entry_points": tuple(entries), "segments": segments, **fields}
    )


def interface(**known: object) -> IarInterface:
    """Return an interface of which only so much is known."""
    unknown = dict.fromkeys(IarInterface.model_fields)
    return IarInterface.model_validate({**unknown, "c_layer": (), **known})


def bundle(*loaders: Loader | None) -> Bundle:
    """Return a bundle of one pass for each loader."""
    return Bundle(passes=tuple(Pass(loader=each) for each in loaders))
