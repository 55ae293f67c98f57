"""A flash loader, whatever its flavour, and what was noticed while it was read."""

from enum import StrEnum

from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.base import Model
from loaderconv_schemas.device import Device
from loaderconv_schemas.entry_point import EntryPoint, Routine
from loaderconv_schemas.errors import ConversionRefused
from loaderconv_schemas.iar import IarInterface, IarSettings
from loaderconv_schemas.memory import Part, Placement, RamNeed, Segment


class Flavour(StrEnum):
    """For which family of hosts a loader was built."""

    FLM = "FLM"
    STLDR = "stldr"
    IAR = "IAR"


class Architecture(StrEnum):
    """Instruction set for which the code was built, as far as loaders are concerned."""

    V6_M = "ARMv6-M"
    V7_M = "ARMv7-M"
    V7E_M = "ARMv7E-M"
    V8_M_BASELINE = "ARMv8-M Baseline"
    V8_M_MAINLINE = "ARMv8-M Mainline"
    V8_1_M_MAINLINE = "ARMv8.1-M Mainline"
    NOT_CORTEX_M = "not Cortex-M"


class FloatAbi(StrEnum):
    """How floating point arguments travel (EF_ARM_ABI_FLOAT_SOFT, EF_ARM_ABI_FLOAT_HARD in e_flags)."""

    SOFT = "soft"
    HARD = "hard"


class Identity(Model):
    """What the file says of its origin.

    Attributes:
        name: name of the file without its suffix.
        toolchain: compiler or linker as the file spells it, None where it was stripped.
        cpu: core as the tools were told ("Cortex-M4.fp"), None where it was stripped.
        architecture: instruction set, None where nothing in the file tells.
        float_abi: None where e_flags does not say.
    """

    name: str
    toolchain: str | None = None
    cpu: str | None = None
    architecture: Architecture | None = None
    float_abi: FloatAbi | None = None


class Notice(Model):
    """Something odd that a reader put right or left alone.

    Attributes:
        code: short stable name, to filter by.
        message: one sentence with the fact.
    """

    code: str
    message: str


class LoaderFacts(Model):
    """What there is to know of a loader but its bytes.

    Attributes:
        flavour: for which hosts.
        identity: where it comes from.
        device: the memory that it serves; None for an IAR executable without its `.flash` file.
        entry_points: in the order of the flavour's table, at most one per routine.
        placement: where it may run.
        ram: what it needs.
        installed: addresses outside of its image that it fills when it is initialised, as converted loaders tell.
        iar_interface: how C-SPY talks to it; None for other flavours, and where there is no machine code.
        iar_settings: from its `.flash` file; None where there is none.
        notices: oddities, in the order in which they were found.
    """

    flavour: Flavour
    identity: Identity
    device: Device | None
    entry_points: tuple[EntryPoint, ...]
    placement: Placement
    ram: RamNeed
    installed: tuple[AddressRange, ...] = ()
    iar_interface: IarInterface | None = None
    iar_settings: IarSettings | None = None
    notices: tuple[Notice, ...] = ()

    def entry_point(self, routine: Routine) -> EntryPoint | None:
        """Return the entry point for `routine`, None where the loader has none."""
        return next((entry for entry in self.entry_points if entry.routine is routine), None)

    @property
    def described_device(self) -> Device:
        """The memory, for work that cannot be done without.

        Raises:
            ConversionRefused: nothing describes it.
        """
        if self.device is None:
            raise ConversionRefused(
                f"Nothing says which memory {self.identity.name} serves.",
                hint="An IAR executable has no descriptor: keep its .flash file beside it, or name that file.",
            )
        return self.device


class Loader(LoaderFacts):
    """The meaning of a loader file; its bytes are kept by the document from which it was read.

    Attributes:
        segments: code, data and descriptor by link address; the descriptor may lie on top of zero-initialised data.
    """

    segments: tuple[Segment, ...]

    @property
    def image_segments(self) -> tuple[Segment, ...]:
        """The segments that a host downloads: all but the descriptor."""
        return tuple(segment for segment in self.segments if segment.part is not Part.DESCRIPTOR)
