"""Makes a new file from a Loader, of the flavour that it has."""

from typing import Protocol

from loaderconv_formats.elf.image import ElfImage
from loaderconv_formats.flm.writer import flm_document
from loaderconv_formats.iar.executable_writer import iar_document
from loaderconv_formats.stldr.writer import canonical_stldr
from loaderconv_schemas.loader import Flavour, Loader


class _Writer(Protocol):
    def __call__(self, loader: Loader, *, comment: str) -> ElfImage: ...


_WRITERS: dict[Flavour, _Writer] = {
    Flavour.FLM: flm_document,
    Flavour.STLDR: canonical_stldr,
    Flavour.IAR: iar_document,
}


def loader_document(loader: Loader, *, comment: str) -> ElfImage:
    """Return the canonical document for a loader; reading its bytes gives the loader again.

    The descriptor is made anew from the device, so oddities of an old one are cured, and it may move.

    Args:
        loader: the meaning.
        comment: what made the file, for `.comment`.

    Raises:
        ConversionRefused: no machine code, a routine without bytes, or a device that the flavour cannot describe.
    """
    return _WRITERS[loader.flavour](loader, comment=comment)
