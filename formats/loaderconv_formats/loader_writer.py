"""Makes a new file from a Loader, of the flavour that it has."""

from typing import Protocol

from loaderconv_formats.elf.image import ElfImage
from loaderconv_formats.elf.writer import write_elf
from loaderconv_formats.flm.writer import flm_document
from loaderconv_formats.iar.executable_writer import iar_document
from loaderconv_formats.loader_file import parse_loader
from loaderconv_formats.stldr.writer import canonical_stldr
from loaderconv_schemas.errors import ConversionRefused, UnreadableInput
from loaderconv_schemas.loader import Flavour, Loader


class _Writer(Protocol):
    def __call__(self, loader: Loader, *, comment: str) -> ElfImage: ...


_WRITERS: dict[Flavour, _Writer] = {
    Flavour.FLM: flm_document,
    Flavour.STLDR: canonical_stldr,
    Flavour.IAR: iar_document,
}


def new_program(loader: Loader, *, comment: str) -> bytes:
    """Return the file of a loader, after a check that it says the same when it is read.

    Neither notices nor the descriptor's own bytes count, since the descriptor is made anew. An IAR loader's device and
    settings are the matter of its `.flash` file, and `ram` follows from the rest.

    Args:
        loader: the meaning.
        comment: what made the file, for `.comment`.

    Raises:
        ConversionRefused: no machine code, a routine without bytes, a device that the flavour cannot describe, or
            something else that would be lost.
    """
    data = write_elf(loader_document(loader, comment=comment))
    try:
        written = parse_loader(data, loader.identity.name).loader
    except UnreadableInput as problem:
        raise ConversionRefused(
            f"The file would be of no use: {problem.message}", hint="Take the loader from its origin again."
        ) from problem
    found = _told(written)
    lost = next((name for name, value in _told(loader).items() if found.get(name) != value), None)
    if lost is not None:
        raise ConversionRefused(
            f"A new file of {loader.identity.name} would not say the same: its {lost} would be lost.",
            hint="Take the loader from its origin again; parts that overlap cannot be told apart in a new file.",
        )
    return data


def loader_document(loader: Loader, *, comment: str) -> ElfImage:
    """Return the canonical document for a loader; reading its bytes gives the loader again, as `new_program` checks.

    The descriptor is made anew from the device, so oddities of an old one are cured, and it may move.

    Args:
        loader: the meaning.
        comment: what made the file, for `.comment`.

    Raises:
        ConversionRefused: no machine code, a routine without bytes, or a device that the flavour cannot describe.
    """
    return _WRITERS[loader.flavour](loader, comment=comment)


def _told(loader: Loader) -> dict[str, object]:
    """Return by name what a loader's own file tells.

    What the device has no value for is left out, since a descriptor has a usual one in its place; so is the number of
    its kind, which each flavour has its own of.
    """
    told: dict[str, object] = {
        "flavour": loader.flavour,
        "entry_points": loader.entry_points,
        "image_segments": loader.image_segments,
        "installed": loader.installed,
    }
    told |= {f"identity.{field}": value for field, value in loader.identity}
    told |= {f"placement.{field}": value for field, value in loader.placement}
    if loader.flavour is Flavour.IAR:
        return told | {f"iar_interface.{field}": value for field, value in loader.iar_interface or ()}
    device = ((field, value) for field, value in loader.described_device if field != "type_code")
    return told | {f"device.{field}": value for field, value in device if value is not None}
