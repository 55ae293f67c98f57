"""A converted loader on an emulated machine, with an eye on every call that its shim makes into the source."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from loaderconv.conversion.linking.link import link
from loaderconv.conversion.plan import plan_conversion
from loaderconv.conversion.request import ConversionRequest
from loaderconv.conversion.source import source_of
from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.peripheral import Peripheral
from loaderconv.hosts.core import Register
from loaderconv.hosts.cube_programmer import CubeProgrammerHost, TransferStyle
from loaderconv_formats.elf.writer import write_elf
from loaderconv_formats.loader_file import LoaderFile, parse_loader
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.loader import Flavour
from loaderconv_schemas.plan import ConversionPlan

RAM = AddressRange(start=0x2000_0000, size_bytes=32 * 1024)


@dataclass(frozen=True)
class SourceCall:
    """One call of a routine of the FLM inside a converted loader."""

    routine: str
    arguments: tuple[int, int, int]
    sp: int
    static_base: int


@dataclass
class Rig:
    """A converted loader, downloaded by its host.

    Attributes:
        host: plays STM32CubeProgrammer.
        core: the emulated processor.
        file: the stldr, read back from its bytes.
        plan: what the conversion decided.
        calls: every call into the source so far.
    """

    host: CubeProgrammerHost
    core: UnicornCore
    file: LoaderFile
    plan: ConversionPlan
    calls: list[SourceCall] = field(default_factory=list)

    def routines_called(self) -> list[str]:
        """Return the names of the source's routines in the order of their calls, and forget them."""
        names = [call.routine for call in self.calls]
        self.calls.clear()
        return names


def convert(source: LoaderFile, *, name: str = "converted", with_read: bool = True) -> tuple[bytes, ConversionPlan]:
    """Return the bytes of the stldr and its plan."""
    request = ConversionRequest(
        target=Flavour.STLDR, file_name=f"{name}.stldr", name=name, given_ram=RAM, with_read=with_read
    )
    planned = plan_conversion(source_of(source, f"{name}.FLM"), request)
    return write_elf(link(planned).document), planned.plan


def converted_rig(
    source: LoaderFile | Path,
    cpu: CpuModel,
    peripherals: Sequence[Peripheral],
    *,
    style: TransferStyle | None = None,
    with_read: bool = True,
) -> Rig:
    """Convert a loader, read the result back and download it."""
    if isinstance(source, Path):
        source = parse_loader(source.read_bytes(), source.stem)
    data, plan = convert(source, with_read=with_read)
    file = parse_loader(data, "converted")
    core = UnicornCore(cpu, ram=[RAM], peripherals=peripherals)
    rig = Rig(CubeProgrammerHost(core, file.loader, RAM, style=style or TransferStyle()), core, file, plan)
    _watch(rig)
    return rig


def _watch(rig: Rig) -> None:
    """Check sp and r9 at the entry of each of the source's routines, and record the call."""
    for symbol in rig.file.image.symbols:
        name = symbol.name.removeprefix("flm.")
        if symbol.name.startswith("flm.") and name in _WATCHED:
            rig.core.observe(symbol.address, lambda name=name: _record(rig, name))  # type: ignore[misc]


_WATCHED = ("Init", "UnInit", "EraseSector", "EraseChip", "ProgramPage", "Verify", "Read")


def _record(rig: Rig, name: str) -> None:
    core = rig.core
    first, second, third = (core.read_register(each) for each in (Register.R0, Register.R1, Register.R2))
    call = SourceCall(name, (first, second, third), core.read_register(Register.SP), core.read_register(Register.R9))
    assert call.sp % 8 == 0, f"{name} entered with sp 0x{call.sp:08x}"
    assert rig.plan.static_base in (None, call.static_base), f"{name} entered with r9 0x{call.static_base:08x}"
    rig.calls.append(call)
