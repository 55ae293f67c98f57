"""The debug probes that are connected."""

from loaderconv_schemas.base import FORMAT_VERSION, FormatVersion, Model


class ListedProbe(Model):
    """One probe.

    Attributes:
        unique_id: by which it is chosen.
        description: maker and product.
        board: name of the board that it belongs to, empty where it does not tell.
        target: the chip on that board as pyOCD calls it, None where it does not tell.
    """

    unique_id: str
    description: str
    board: str
    target: str | None


class ProbeList(Model):
    """All of them.

    Attributes:
        probes: in no order that means anything.
    """

    version: FormatVersion = FORMAT_VERSION
    probes: tuple[ListedProbe, ...]
