"""What a conversion will do, written down before it is done."""

from enum import StrEnum

from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.base import FORMAT_VERSION, Address, ByteCount, FormatVersion, Model
from loaderconv_schemas.device import Device
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.loader import Flavour, Identity, Notice


class RegionKind(StrEnum):
    """Who fills a region of RAM."""

    HOST = "host"
    IMAGE = "image"


class Region(Model):
    """One row of the memory map: what lies where in the target's RAM.

    Attributes:
        name: what it is, a few words.
        kind: part of the file, or put there by the host.
        range: where.
    """

    name: str
    kind: RegionKind
    range: AddressRange


class PlannedEntryPoint(Model):
    """A routine of the output.

    Attributes:
        routine: what it does.
        symbol: its name in the output.
        address: of its first instruction, without the Thumb bit.
        carried_by: symbols of the source that do the work, in the order of first use; empty where the shim reads
            mapped memory itself.
    """

    routine: Routine
    symbol: str
    address: Address
    carried_by: tuple[str, ...]


class Loss(Model):
    """A fact of the source that the output cannot hold.

    Attributes:
        fact: what, with its value.
        consequence: what the user will notice.
    """

    fact: str
    consequence: str


class ConversionPlan(Model):
    """Everything a conversion decides, for a person to read before the file is trusted.

    Attributes:
        made_by: name and version of the program that planned it.
        source_file: name of the input, without its folder.
        source_sha256: of the input, hex.
        source: flavour of the input.
        source_identity: where the input comes from.
        target: flavour of the output.
        device: the memory as the output will describe it.
        ram: the RAM that the user gave the loader.
        memory_map: regions in address order, no two overlapping.
        image: the addresses that the host downloads.
        entry_points: what the output exports.
        shim: name of the blob that joins the two flavours.
        static_base: value of r9 while the source's code runs; None where it uses none.
        losses: what does not survive.
        requirements: what the host or the hardware must provide for the output to work.
        warnings: what deserves a second look.
    """

    version: FormatVersion = FORMAT_VERSION
    made_by: str
    source_file: str
    source_sha256: str
    source: Flavour
    source_identity: Identity
    target: Flavour
    device: Device
    ram: AddressRange
    memory_map: tuple[Region, ...]
    image: AddressRange
    entry_points: tuple[PlannedEntryPoint, ...]
    shim: str
    static_base: Address | None
    losses: tuple[Loss, ...]
    requirements: tuple[str, ...]
    warnings: tuple[Notice, ...]


class ConversionReport(Model):
    """What a conversion did.

    Attributes:
        plan: what was decided.
        output: path as the user gave it; None for a dry run.
        output_size_bytes: size of the written file; None for a dry run.
        output_sha256: of the written file, hex; None for a dry run.
        checks: what was re-read and compared after writing, one sentence each; empty for a dry run.
    """

    version: FormatVersion = FORMAT_VERSION
    plan: ConversionPlan
    output: str | None = None
    output_size_bytes: ByteCount | None = None
    output_sha256: str | None = None
    checks: tuple[str, ...] = ()
