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
    INSTALLED = "installed"


class Region(Model):
    """One row of the memory map: what lies where in the target's RAM.

    Attributes:
        name: what it is, a few words.
        kind: part of the file, put there by the host, or by the shim when it is initialised.
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
        source_sha256: of the input, hex; None for a loader that was not read from a file.
        source: flavour of the input.
        source_identity: where the input comes from.
        target: flavour of the output.
        device: the memory as the output will describe it.
        address_delta: added modulo 2**32 to the host's addresses it gives those that the source sees.
        ram: the RAM that the user gave the loader; for an FLM what its host has to be given (RAMstart, RAMsize).
        chip: the chip whose RAM that is, and where the fact comes from; None where the user named none.
        memory_map: regions in address order, no two overlapping; an FLM's at the start of `ram`.
        image: the addresses that the host downloads; an FLM's at the start of `ram`.
        entry_points: what the output exports, by link address.
        shim: name of the blob that joins the two flavours.
        static_base: value of r9 while the source's code runs; None where it uses none.
        losses: what does not survive.
        requirements: what the host or the hardware must provide for the output to work.
        warnings: what deserves a second look.
    """

    version: FormatVersion = FORMAT_VERSION
    made_by: str
    source_file: str
    source_sha256: str | None
    source: Flavour
    source_identity: Identity
    target: Flavour
    device: Device
    address_delta: Address = 0
    ram: AddressRange
    chip: str | None = None
    memory_map: tuple[Region, ...]
    image: AddressRange
    entry_points: tuple[PlannedEntryPoint, ...]
    shim: str
    static_base: Address | None
    losses: tuple[Loss, ...]
    requirements: tuple[str, ...]
    warnings: tuple[Notice, ...]


class WrittenFile(Model):
    """A file of the output.

    Attributes:
        path: as the user gave it, or beside that one.
        size_bytes: its size.
        sha256: of its bytes, hex.
    """

    path: str
    size_bytes: ByteCount
    sha256: str


class VerificationLevel(StrEnum):
    """How far the output was verified before it was moved into place."""

    STRUCTURE = "structure"
    SIMULATION = "simulation"
    PROVE = "prove"


class ConversionReport(Model):
    """What a conversion did.

    Attributes:
        plan: what was decided.
        outputs: what was written, the file that the user named first; empty for a dry run.
        verified: the level that ran; None for a dry run.
        checks: what was re-read and compared before writing, one sentence each; empty for a dry run.
    """

    version: FormatVersion = FORMAT_VERSION
    plan: ConversionPlan
    outputs: tuple[WrittenFile, ...] = ()
    verified: VerificationLevel | None = None
    checks: tuple[str, ...] = ()
