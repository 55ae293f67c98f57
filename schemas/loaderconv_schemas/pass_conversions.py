"""What a conversion of several passes did."""

from pydantic import Field

from loaderconv_schemas.base import FORMAT_VERSION, FormatVersion, Model
from loaderconv_schemas.plan import ConversionReport


class PassConversion(Model):
    """A loader of its own, made from one pass of a `.board`.

    Attributes:
        number: of the pass, from 1.
        report: what was done.
    """

    number: int = Field(ge=1)
    report: ConversionReport


class PassConversions(Model):
    """What became of the passes of a loader.

    Attributes:
        conversions: one for each pass that was asked for, in their order.
    """

    version: FormatVersion = FORMAT_VERSION
    conversions: tuple[PassConversion, ...]
