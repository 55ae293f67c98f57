"""Converted loaders under their hosts, behind the strict controller, with an eye on every call into the source."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import loaderconv
from loaderconv.conversion.linking.link import link
from loaderconv.conversion.plan import plan_conversion
from loaderconv.conversion.request import ConversionRequest
from loaderconv.conversion.source import Source, source_of
from loaderconv.conversion.targets.planned import Planned
from loaderconv.emulator.core import UnicornCore
from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.emulator.devices.peripheral import Peripheral, Window
from loaderconv.emulator.devices.strict_controller import StrictController
from loaderconv.hosts.c_spy import CSpyHost
from loaderconv.hosts.core import Register
from loaderconv.hosts.cube_programmer import CubeProgrammerHost, TransferStyle
from loaderconv.hosts.host import Host
from loaderconv.hosts.uvision import UVisionHost
from loaderconv_formats.elf.writer import write_elf
from loaderconv_formats.loader_file import parse_loader, read_loader_file
from loaderconv_formats.references.search import SearchPaths
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.bundle import PassFacts
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.loader import Flavour, Loader
from support.paths import FIXTURES

STRICT = "iar/config/flashloader/Strict"

RAM = AddressRange(start=0x2000_0000, size_bytes=0x2_0000)
RAMS = (
    AddressRange(start=0, size_bytes=0x1000),
    RAM,
    AddressRange(start=0x2020_0000, size_bytes=0x8000),
    AddressRange(start=0x2402_0000, size_bytes=0x1000),
)
"""For code at 0, for nearly everything, for data far from it, and for the variables of the sparse stldr."""


@dataclass(frozen=True)
class Origin:
    """A loader to convert.

    Attributes:
        name: of the file in the fixtures.
        pass_number: of a `.board` file, from 1.
        changes: to the request.
    """

    name: str
    pass_number: int = 1
    changes: tuple[tuple[str, object], ...] = ()

    def __str__(self) -> str:
        stem = self.name.rsplit("/", 1)[-1].split(".")[0]
        return stem if self.pass_number == 1 else f"{stem}_pass{self.pass_number}"

    def source(self) -> Source:
        """Read it."""
        path = FIXTURES / self.name
        if path.suffix in (".board", ".flash"):
            search = SearchPaths(toolkit_dir=FIXTURES / "iar")
            chosen = loaderconv.read(path, search).passes[self.pass_number - 1]
            assert chosen.loader is not None
            facts = PassFacts(**{name: getattr(chosen, name) for name in PassFacts.model_fields})
            return Source(chosen.loader, facts=facts, file_name=path.name)
        return source_of(read_loader_file(path), path.name)


FLMS = (Origin("strict_flm.FLM"), Origin("strict_flm_no_chip.FLM"), Origin("strict_flm_reader.FLM"))
STLDRS = (
    Origin("strict_stldr.stldr"),
    Origin("strict_stldr_sparse.stldr"),
    Origin("strict_stldr_r9.stldr"),
    Origin("strict_stldr_emit_relocs.elf", changes=(("relocate_to", 0x2000_4000),)),
)
IARS = (
    Origin(f"{STRICT}/strict_iar.board"),
    Origin(f"{STRICT}/strict_iar.board", pass_number=2),
    Origin(f"{STRICT}/strict_iar_relocatable.board", changes=(("relocate_to", 0x2000_8000),)),
    Origin(f"{STRICT}/strict_iar_far.board"),
    Origin("iar_project/strict_iar_moved.board"),
)


class SeenEverywhere:
    """The controller in a system that shows its memory at the addresses of all `.board` files, too."""

    def __init__(self, controller: StrictController) -> None:
        self._controller = controller

    def windows(self) -> tuple[Window, ...]:
        registers, array = self._controller.windows()
        others = [AddressRange(start=start, size_bytes=0x1_0000) for start in (0x0800_0000, 0x1000_0000)]
        return registers, array, *(Window(f"alias at {each}", each, array.read, array.write) for each in others)


@dataclass
class Converted:
    """A converted loader, downloaded by its host.

    Attributes:
        host: of the target's flavour.
        core: the emulated processor.
        planned: the conversion.
        loader: what was read back from the output.
        called: names of the source's routines, in the order of their calls.
        breaches: what a call into the source found wrong.
        lowest_sp: of the calls into the source, on the stack that they found.
    """

    host: Host
    core: UnicornCore
    planned: Planned
    loader: Loader
    called: list[str] = field(default_factory=list)
    breaches: list[str] = field(default_factory=list)
    lowest_sp: int = 1 << 32


def convert(source: Source, target: Flavour, **changes: object) -> tuple[Planned, Loader, bytes]:
    """Convert, and return the plan, what is read back, and the bytes."""
    options = {"file_name": "converted", "name": "converted", "given_ram": RAM, **changes}
    request = ConversionRequest(target=target, **options)  # type: ignore[arg-type]
    planned = plan_conversion(source, request)
    linked = link(planned)
    data = write_elf(linked.document)
    read_back = parse_loader(data, "converted").loader
    of_flash_file = {"device": linked.loader.device, "iar_settings": linked.loader.iar_settings}
    return planned, read_back.model_copy(update=of_flash_file) if target is Flavour.IAR else read_back, data


def converted(
    origin: Origin | Source,
    target: Flavour,
    peripherals: Sequence[Peripheral],
    cpu: CpuModel = CpuModel.CORTEX_M0,
    *,
    rams: Sequence[AddressRange] = RAMS,
    style: TransferStyle | None = None,
    **changes: object,
) -> Converted:
    """Convert a loader, read the result back and give it to its host."""
    source = origin.source() if isinstance(origin, Origin) else origin
    options = {**(dict(origin.changes) if isinstance(origin, Origin) else {}), **changes}
    planned, loader, _ = convert(source, target, **options)
    core = UnicornCore(cpu, ram=rams, peripherals=peripherals)
    result = Converted(host_for(planned, loader, core, style), core, planned, loader)
    _watch(result)
    return result


def machine(
    origin: Origin, target: Flavour, cpu: CpuModel = CpuModel.CORTEX_M0, **changes: object
) -> tuple[Converted, StrictController]:
    """Return a converted loader behind the strict controller; C-SPY resets the target before each FlashInit."""
    controller = StrictController()
    result = converted(origin, target, [SeenEverywhere(controller)], cpu, **changes)
    init = result.loader.entry_point(Routine.INIT)
    if target is Flavour.IAR and init is not None:
        result.core.observe(init.address, controller.reset)
    return result, controller


def host_for(planned: Planned, loader: Loader, core: UnicornCore, style: TransferStyle | None = None) -> Host:
    """Return the host of a loader's flavour."""
    match loader.flavour:
        case Flavour.STLDR:
            return CubeProgrammerHost(core, loader, planned.plan.ram, style=style or TransferStyle())
        case Flavour.FLM:
            return UVisionHost(core, loader, planned.plan.ram)
        case _:
            return CSpyHost(core, loader)


def source_host(source: Source, core: UnicornCore, ram: AddressRange = RAM) -> Host:
    """Return the host for which a source was made."""
    match source.loader.flavour:
        case Flavour.STLDR:
            return CubeProgrammerHost(core, source.loader, ram)
        case Flavour.FLM:
            return UVisionHost(core, source.loader, ram)
        case _:
            return CSpyHost(core, source.loader, facts=source.facts)


def _watch(result: Converted) -> None:
    """Check sp and r9 at the entry of each of the source's routines, and record the call."""
    planned = result.planned
    base = planned.plan.static_base
    for name, address in planned.parts.routines.items():
        result.core.observe(
            planned.layout.moved(address) & ~1,
            lambda name=name: _record(result, name, base),  # type: ignore[misc]
        )


def _record(result: Converted, name: str, static_base: int | None) -> None:
    sp = result.core.read_register(Register.SP)
    r9 = result.core.read_register(Register.R9)
    if sp % 8:
        result.breaches.append(f"{name} entered with sp 0x{sp:08x}")
    if static_base is not None and r9 != static_base:
        result.breaches.append(f"{name} entered with r9 0x{r9:08x}")
    stack = result.planned.parts.stack
    if stack is not None and not stack.start < sp <= stack.end:
        result.breaches.append(f"{name} entered with sp 0x{sp:08x} outside of {stack}")
    result.lowest_sp = min(result.lowest_sp, sp)
    result.called.append(name)
