"""Puts a source where it shall run before anything else is decided."""

import copy
from dataclasses import replace
from typing import TypeVar

from loaderconv.conversion.request import ConversionRequest
from loaderconv.conversion.source import Source
from loaderconv.rewriting.pinned import pinned_descriptor
from loaderconv.rewriting.relocation import move_image
from loaderconv_formats.detection import kind_of_program
from loaderconv_formats.loader_file import loader_in
from loaderconv_formats.stldr import abi as stldr_abi
from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES, AddressRange
from loaderconv_schemas.base import Model
from loaderconv_schemas.errors import ConversionRefused
from loaderconv_schemas.iar import ArgumentBlock, IarInterface
from loaderconv_schemas.loader import Flavour, Loader
from loaderconv_schemas.memory import Placement, PlacementKind


def in_place(source: Source, request: ConversionRequest) -> Source:
    """Return the source at the address at which it shall run; its base is its lowest address, rounded down to 256.

    Raises:
        ConversionRefused: it cannot be moved, or a relocatable IAR loader was given no address.
    """
    base = _base(source.loader)
    if source.loader.placement.kind is PlacementKind.RELOCATABLE_IAR:
        delta = source.facts.loader_offset if request.relocate_to is None else request.relocate_to - base
        if delta is None:
            raise ConversionRefused(
                "The loader is relocatable, and nothing says where it shall run.",
                hint="Name the .board file, whose loader_offset tells, or give an address with --relocate.",
            )
        alignment = source.loader.placement.alignment_bytes
        if delta % alignment:
            raise ConversionRefused(
                f"The loader cannot run at 0x{base + delta:08x}: it has a section aligned to {alignment} bytes.",
                hint=f"Give a multiple of {alignment} with --relocate, or as loader_offset in the .board file.",
            )
        return replace(source, loader=_shifted(source.loader, delta), image=None)
    if request.relocate_to is None or request.relocate_to == base:
        return source
    return _relocated(source, request.relocate_to - base)


def _base(loader: Loader) -> int:
    start = min(segment.address for segment in loader.image_segments)
    return start & -stldr_abi.RAM_BASE_ALIGNMENT


def _relocated(source: Source, delta_bytes: int) -> Source:
    """Move code by the relocations that the linker kept."""
    if source.image is None:
        raise ConversionRefused(
            "Only a loader that is one ELF file can be relocated.", hint="Name the executable itself."
        )
    image = copy.deepcopy(source.image)
    loader = source.loader
    pinned = pinned_descriptor(image, loader) if loader.flavour is Flavour.STLDR else None
    move_image(image, delta_bytes, pinned=pinned)
    moved = loader_in(image, kind_of_program(image), loader.identity.name)
    kept = {"device": loader.device, "iar_settings": loader.iar_settings}
    return replace(source, loader=moved.model_copy(update=kept), image=image)


def _shifted(loader: Loader, delta_bytes: int) -> Loader:
    """Return a relocatable IAR loader at another address: its code finds everything through pc and r9."""
    for segment in loader.segments:
        _shift(segment.range, delta_bytes)
    if loader.placement.static_base is not None and loader.placement.static_base + delta_bytes == 0:
        raise ConversionRefused(
            "At address 0 the static base would be 0, which a shim takes for none.",
            hint="Choose another address with --relocate.",
        )
    interface = loader.iar_interface
    segments = tuple(_moved(segment, delta_bytes, "address") for segment in loader.segments)
    entries = tuple(_moved(entry, delta_bytes, "address") for entry in loader.entry_points)
    placement = loader.placement
    return loader.model_copy(
        update={
            "segments": segments,
            "entry_points": entries,
            "placement": Placement(
                kind=PlacementKind.ABSOLUTE,
                static_base=None if placement.static_base is None else placement.static_base + delta_bytes,
                alignment_bytes=placement.alignment_bytes,
                evidence=placement.evidence,
            ),
            "iar_interface": None if interface is None else _shifted_interface(interface, delta_bytes),
        }
    )


def _shifted_interface(interface: IarInterface, delta_bytes: int) -> IarInterface:
    moved = {name: _shift(getattr(interface, name), delta_bytes) for name in _ADDRESSES_OF_INTERFACE}
    c_layer = tuple(_moved(entry, delta_bytes, "address") for entry in interface.c_layer)
    return interface.model_copy(update={**moved, "c_layer": c_layer})


_ADDRESSES_OF_INTERFACE = (
    "parameters",
    "buffer",
    "break_address",
    "stack",
    "stack_pointer",
    "vector_table",
    "arguments",
    "framework_version_address",
    "init_table",
)

_Place = int | AddressRange | ArgumentBlock | None
_M = TypeVar("_M", bound=Model)


def _shift(place: _Place, delta_bytes: int) -> _Place:
    """Return an address, or what is made of addresses, moved."""
    match place:
        case None:
            return None
        case AddressRange():
            _checked(place.end + delta_bytes - 1)
            return AddressRange(start=_checked(place.start + delta_bytes), size_bytes=place.size_bytes)
        case ArgumentBlock():
            return _moved(place, delta_bytes, "count_address", "vector", "text")
        case _:
            return _checked(place + delta_bytes)


def _moved(model: _M, delta_bytes: int, *fields: str) -> _M:
    return model.model_copy(update={name: _shift(getattr(model, name), delta_bytes) for name in fields})


def _checked(address: int) -> int:
    """Return an address. Raises ConversionRefused where there is none."""
    if not 0 <= address < ADDRESS_SPACE_BYTES:
        raise ConversionRefused(
            "The moved loader would leave the 32-bit address space.", hint="Choose another address with --relocate."
        )
    return address
