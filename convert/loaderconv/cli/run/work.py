"""What all commands that touch a target share: read the loader, rehearse, connect, download."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from loaderconv.chips.lookup import find_chip
from loaderconv.cli.memory_argument import parse_ram, parse_range
from loaderconv.cli.run.arguments import RunArguments
from loaderconv.cli.run.emulated_board import EmulatedProbeName, emulated_board, kept_memory, parse_emulated
from loaderconv.cli.run.frequency_argument import parse_frequency
from loaderconv.cli.search_options import search_paths
from loaderconv.probe.installed import require_pyocd
from loaderconv.probe.request import DEFAULT_FREQUENCY_HZ, OpenRequest
from loaderconv.programming.limits import refuse_protected
from loaderconv.programming.operations import RunLog
from loaderconv.programming.rehearsal import check_rehearsal, rehearse
from loaderconv.programming.workplace import Workplace, open_loader
from loaderconv.simulation.job import SimulationJob
from loaderconv.simulation.rig import Wish
from loaderconv.simulation.subject import Subject, read_subject
from loaderconv.simulation.telling import explained
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.errors import RunFailed, UsageProblem
from loaderconv_schemas.run_report import Mismatch, RunReport

if TYPE_CHECKING:
    from loaderconv.probe.emulated_probe import EmulatedProbe
    from loaderconv.simulation.board import Board


@dataclass
class Work:
    """A loader on a target.

    Attributes:
        arguments: of the command.
        place: loader and host.
        title: of the target, for a person.
        log: of what was done.
        warnings: sentences for the user, known before the target was connected.
        notices: likewise what came up since; pyOCD's warnings join them as they come.
    """

    arguments: RunArguments
    place: Workplace
    title: str
    warnings: tuple[str, ...]
    notices: Sequence[str]
    log: RunLog = field(default_factory=RunLog)

    @property
    def allowed(self) -> AddressRange | None:
        """What `--range` names."""
        return allowed_range(self.arguments)

    def report(self, command: str, *, verified_by: str | None = None, mismatch: Mismatch | None = None) -> RunReport:
        """Return what was done."""
        device = self.place.host.device
        return RunReport(
            command=command,
            loader=self.place.subject.name,
            host=self.place.host.name,
            target=self.title,
            device=device.name,
            device_range=device.range,
            operations=tuple(self.log.operations),
            verified_by=verified_by,
            mismatch=mismatch,
            warnings=(*self.warnings, *self.notices),
        )


def read_loader(arguments: RunArguments) -> Subject:
    """Read the loader that is meant, and refuse one for option bytes and the like.

    Raises:
        LoaderConvError: it cannot be read, or serves a memory that is not to be programmed this way.
    """
    search = search_paths((), arguments.toolkit_dir, arguments.define or [], follow=arguments.follow)
    subject = read_subject(arguments.loader, search, arguments.pass_number)
    refuse_protected(subject.loader.described_device)
    return subject


def allowed_range(arguments: RunArguments) -> AddressRange | None:
    """Return what `--range` names. Raises UsageProblem where it is no range."""
    return None if arguments.range is None else parse_range(arguments.range, option="--range")


def is_real(arguments: RunArguments) -> bool:
    """Tell whether there is a board that could be harmed."""
    return parse_emulated(arguments.probe) is None


@contextmanager
def at_work(arguments: RunArguments, subject: Subject) -> Iterator[Work]:
    """Connect to the target, and download the loader; in the end look at its code, and let the target go.

    Raises:
        LoaderConvError: the options are wrong, the emulator says that the loader tramples memory, the probe or the
            target does not answer, or the loader does not fit.
    """
    require_pyocd()
    emulated = parse_emulated(arguments.probe)
    given = _given_ram(arguments)
    frequency_hz = DEFAULT_FREQUENCY_HZ if arguments.frequency is None else parse_frequency(arguments.frequency)
    warnings = _rehearsed(arguments)
    if emulated is None:
        request = OpenRequest(arguments.probe, arguments.target, frequency_hz, arguments.connect)
        with _connected(arguments, subject, request, given, warnings) as work:
            yield work
    else:
        board, memory = emulated_board(subject, emulated, machine=arguments.machine, ram=given[0] if given else None)
        request = OpenRequest(_emulated_probe(board, emulated), "cortex_m", frequency_hz, settling_s=0)
        with (
            kept_memory(memory, emulated.memory_file),
            _connected(arguments, subject, request, (board.ram,), warnings) as work,
        ):
            yield work


@contextmanager
def _named_places(place: Workplace) -> Iterator[None]:
    """Name the places in the loader's code of which a failure tells the address."""
    try:
        yield
    except RunFailed as failure:
        moved_by = place.host.moved_by
        failure.message = explained(failure, lambda address: place.subject.symbols.place(address - moved_by))
        raise


@contextmanager
def _connected(
    arguments: RunArguments,
    subject: Subject,
    request: OpenRequest,
    given: tuple[AddressRange, ...],
    warnings: tuple[str, ...],
) -> Iterator[Work]:
    from loaderconv.probe.session import open_target  # noqa: PLC0415 - importing pyOCD takes a second
    from loaderconv.probe.stub_place import place_stub  # noqa: PLC0415

    with open_target(request) as connection:
        rams = given or connection.ram
        if not rams:
            raise UsageProblem(
                "Nothing says where the target has RAM.",
                hint="Name the chip with --target or --chip, or its RAM with --ram, such as --ram 0x20000000:32K.",
            )
        stub_address, free = place_stub(rams, subject.taken)
        core = connection.take_core(stub_address)

        def reset() -> None:
            core.prepare()

        place = open_loader(core, subject, free, connection.title, reset)
        with _named_places(place):
            yield Work(arguments, place, connection.title, warnings, connection.notices)
            place.finish()


def _emulated_probe(board: "Board", name: EmulatedProbeName) -> "EmulatedProbe":
    from loaderconv.probe.emulated_probe import EmulatedProbe  # noqa: PLC0415

    return EmulatedProbe(board.core, cpuid=board.core.cpu.cpuid, reset=board.machine.reset, unique_id=str(name))


def _given_ram(arguments: RunArguments) -> tuple[AddressRange, ...]:
    """Return the RAM that the user names, by address or by chip."""
    if arguments.ram is not None:
        return (parse_ram(arguments.ram),)
    if arguments.chip is not None:
        return find_chip(arguments.chip, arguments.pack or []).ram
    return ()


def _rehearsed(arguments: RunArguments) -> tuple[str, ...]:
    """Try the loader in the emulator, unless the user does not want it."""
    if arguments.no_simulate:
        return ()
    search = search_paths((), arguments.toolkit_dir, arguments.define or [], follow=arguments.follow)
    wish = Wish(machine=arguments.machine)
    job = SimulationJob(arguments.loader, wish=wish, search=search, pass_number=arguments.pass_number)
    return check_rehearsal(rehearse(job), despite=arguments.despite_simulation)
