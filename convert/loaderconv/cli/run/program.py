"""`loaderconv run program`."""

from functools import partial

from loaderconv.cli.run.arguments import RunArguments
from loaderconv.cli.run.confirmation import confirm_erase
from loaderconv.cli.run.firmware import firmware
from loaderconv.cli.run.outcome import tell
from loaderconv.cli.run.progress_bar import progress_bar
from loaderconv.cli.run.work import at_work, is_real, read_loader
from loaderconv.programming import operations
from loaderconv.programming.limits import check_within
from loaderconv.programming.operations import Verification
from loaderconv.programming.plan import plan_programming, touched_sectors
from loaderconv_schemas.address_range import AddressRange


def program(arguments: RunArguments) -> None:
    """Erase what a firmware file touches, program it, and verify."""
    subject = read_loader(arguments)
    image = firmware(arguments, subject)
    device = subject.loader.described_device
    sectors = touched_sectors(image.pieces, device)
    check_within(sectors, device, None)
    listed = ", ".join(str(each) for each in sectors[:3]) + (", ..." if len(sectors) > 3 else "")
    confirm_erase(f"{listed} of {device.name}", "the board", yes=arguments.yes or not is_real(arguments))
    verified_by, mismatch = None, None
    with progress_bar() as progress, at_work(arguments, subject) as work:
        host, log = work.place.host, work.log

        def read_back(wanted: AddressRange) -> bytes:
            return operations.read(host, wanted, log, progress)

        if arguments.keep:
            work.make_readable()
        make_plan = partial(plan_programming, image, host.device, alignment_bytes=host.program_alignment_bytes)
        plan = make_plan(read_back=read_back if arguments.keep else None)
        if operations.program(host, plan, log, progress):
            how = Verification(arguments.verify)
            verified_by, mismatch = operations.verify(host, image.pieces, how, log, progress)
        report = work.report("program", verified_by=verified_by, mismatch=mismatch)
    tell(report, arguments)
