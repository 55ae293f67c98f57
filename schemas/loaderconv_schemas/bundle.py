"""What one name on the command line stands for: one loader, or several that a host runs one after another."""

from pydantic import Field

from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.base import Address, Model
from loaderconv_schemas.loader import Loader


class Pass(Model):
    """One loader and the part of an image for which a host uses it.

    Attributes:
        range: addresses of the image that go through this loader; None means all of its device.
        address_delta: added modulo 2**32 to the image's addresses before the loader sees them.
        args: strings handed to the loader (IAR argv), in order.
        loader_offset: RAM address at which a relocatable loader is placed; None where the file fixes it.
        loader: the loader.
    """

    range: AddressRange | None = None
    address_delta: Address = 0
    args: tuple[str, ...] = ()
    loader_offset: Address | None = None
    loader: Loader


class Bundle(Model):
    """One pass for an FLM or a stldr, up to 13 in real `.board` files (docs/formats/iar.md, The .board file)."""

    passes: tuple[Pass, ...] = Field(min_length=1)
