"""Makes the IAR loader that a plan describes: the executable as C-SPY wants it, around the shim and the source."""

import struct

from loaderconv.conversion.linking.image import entry_points, image_bytes, installed_by, local_symbols
from loaderconv.conversion.linking.linked import Linked
from loaderconv.conversion.sources.parts import Piece
from loaderconv.conversion.targets.iar import PlannedIar
from loaderconv.conversion.targets.planned import Planned
from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.new_image import Stretch
from loaderconv_formats.iar import abi
from loaderconv_formats.iar.executable_writer import iar_document
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.entry_point import EntryPoint, Routine
from loaderconv_schemas.iar import IarInterface, IarSettings
from loaderconv_schemas.loader import Flavour, Loader
from loaderconv_schemas.memory import Part, Placement, PlacementKind, Segment

_WORDS = struct.Struct("<II")


def link_iar(planned: Planned) -> Linked:
    """Return the loader that the plan describes and its document; its XML files are made from the former."""
    if not isinstance(planned, PlannedIar):
        raise TypeError("link_iar takes what plan_iar made")
    plan, iar = planned.plan, planned.iar
    loader = Loader(
        flavour=Flavour.IAR,
        identity=plan.source_identity.model_copy(update={"name": plan.device.name, "toolchain": None}),
        device=plan.device,
        entry_points=entry_points(planned),
        segments=tuple(
            sorted([_image(planned), *map(_fixed, iar.fixed)], key=lambda segment: segment.address),
        ),
        placement=Placement(
            kind=PlacementKind.ABSOLUTE, alignment_bytes=max(part.alignment_bytes for part in planned.layout.parts)
        ),
        ram=planned.ram,
        installed=installed_by(planned),
        iar_interface=_interface(planned),
        iar_settings=IarSettings(executable="", aggregate=True),
    )
    document = iar_document(
        loader,
        comment=f"{plan.made_by}, shim {planned.shim.name}",
        local_symbols=local_symbols(planned),
        named={
            planned.layout.image.start: _stretches(planned),
            **{piece.address: (_stretch(piece),) for piece in iar.fixed},
        },
    )
    return Linked(loader, document)


def _stretches(planned: PlannedIar) -> tuple[Stretch, ...]:
    """Return the parts of the image as sections; the stack behind the last one is cleared memory to a reader."""
    parts = planned.layout.parts
    ends = [*(part.range.end for part in parts[:-1]), planned.iar.stack.end]
    return tuple(
        Stretch(
            part.range.start,
            end,
            part.name,
            c.SHF_EXECINSTR if part.executable else c.SHF_WRITE,
            ".stack",
            c.SHF_WRITE,
        )
        for part, end in zip(parts, ends, strict=True)
    )


def _stretch(piece: Piece) -> Stretch:
    """Return a piece of the source as a section, and its zeros as another."""
    name, flags = (".text", c.SHF_EXECINSTR) if piece.executable else (".data", c.SHF_WRITE)
    return Stretch(piece.address, piece.range.end, name, flags, ".bss", c.SHF_WRITE)


def _image(planned: PlannedIar) -> Segment:
    """Return the shim with its vector table in front; the stack behind it has no bytes in the file."""
    iar, layout = planned.iar, planned.layout
    init = planned.shim.routines["FlashInitEntry"].offset_bytes + layout.shim.start
    data = image_bytes(
        planned,
        {
            iar.vector_table.start: _WORDS.pack(iar.stack.end, init | 1),
            iar.framework_version.start: struct.pack("<H", abi.FRAMEWORK_VERSION_VALUE),
        },
    )
    return Segment(
        part=Part.CODE,
        address=layout.image.start,
        data=data,
        memory_size_bytes=iar.stack.end - layout.image.start,
        writable=True,
        executable=True,
    )


def _fixed(piece: Piece) -> Segment:
    return Segment(
        part=Part.CODE if piece.executable else Part.DATA,
        address=piece.address,
        data=piece.data,
        memory_size_bytes=piece.size_bytes,
        writable=not piece.executable,
        executable=piece.executable,
    )


def _interface(planned: PlannedIar) -> IarInterface:
    iar, layout, shim = planned.iar, planned.layout, planned.shim
    table_offset = shim.layout.table["host_block"]
    return IarInterface(
        parameters=AddressRange(start=layout.table.start + table_offset, size_bytes=abi.PARAMETERS_SIZE_BYTES),
        buffer=iar.buffer,
        break_address=layout.shim.start + shim.routines[abi.BREAK].offset_bytes,
        stack=iar.stack,
        stack_pointer=iar.stack.end,
        vector_table=iar.vector_table.start,
        arguments=None,
        framework_version=abi.FRAMEWORK_VERSION_VALUE,
        framework_version_address=iar.framework_version.start,
        c_layer=tuple(
            EntryPoint(
                routine=routine,
                symbol=symbol,
                address=layout.shim.start + shim.routines[symbol].offset_bytes,
                thumb=True,
                size_bytes=shim.routines[symbol].size_bytes,
            )
            for symbol, routine in abi.C_LAYER.items()
            if routine is not Routine.CHECKSUM or _has(planned, Routine.CHECKSUM)
        ),
        init_table=None,
    )


def _has(planned: Planned, routine: Routine) -> bool:
    return any(entry.routine is routine for entry in planned.plan.entry_points)
