"""For pyOCD's user scripts: programs the memory of a loader of any flavour with it (`loaderconv run script`).

This is the one place where programming and pyOCD's own tools meet; what it imports of pyOCD lies in `probe`.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from loaderconv.hosts.host import Host
from loaderconv.programming.limits import refuse_protected
from loaderconv.programming.workplace import open_loader
from loaderconv.simulation.subject import read_subject
from loaderconv_formats.references.search import SearchPaths
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.errors import UsageProblem

if TYPE_CHECKING:
    from loaderconv.probe.loader_flash import PyocdBoard, PyocdCore


def install(
    board: "PyocdBoard", loader: Path, *, ram: tuple[int, int] | None = None, pass_number: int | None = None
) -> None:
    """Let pyOCD program the memory of a loader with it; to be called in `will_connect(board)`.

    Args:
        board: pyOCD's.
        loader: one of the loader's files.
        ram: address and size in bytes of RAM for the loader; None for what pyOCD knows of the target.
        pass_number: which pass of a `.board`, from 1; None for the only one.

    Raises:
        LoaderConvError: the loader cannot be read, or serves a memory that is not to be programmed this way.
        UsageProblem: nothing says where the target has RAM.
    """
    from loaderconv.probe.loader_flash import add_regions  # noqa: PLC0415 - pyOCD is imported when it is there
    from loaderconv.probe.stub_place import place_stub  # noqa: PLC0415
    from loaderconv.probe.target_core import TargetCore  # noqa: PLC0415
    from loaderconv.probe.target_ram import ram_of  # noqa: PLC0415

    subject = read_subject(loader, SearchPaths(), pass_number)
    device = subject.loader.described_device
    refuse_protected(device)
    memory_map = board.target.memory_map
    rams = ram_of(memory_map) if ram is None else (AddressRange(start=ram[0], size_bytes=ram[1]),)
    if not rams:
        raise UsageProblem("pyOCD knows no RAM of the target.", hint="Write the script anew with --ram or --chip.")

    def open_host(core: "PyocdCore") -> Host:
        stub_address, free = place_stub(rams, subject.taken)
        target_core = TargetCore(core, stub_address)

        def reset() -> None:
            target_core.prepare()

        reset()
        return open_loader(target_core, subject, free, "the target", reset).host

    add_regions(memory_map, device, rams, open_host)
