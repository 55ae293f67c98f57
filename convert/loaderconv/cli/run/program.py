"""`loaderconv run program`."""

from loaderconv.cli.run.arguments import RunArguments
from loaderconv.cli.run.confirmation import confirm_erase
from loaderconv.cli.run.firmware import firmware
from loaderconv.cli.run.outcome import tell
from loaderconv.cli.run.progress_bar import progress_bar
from loaderconv.cli.run.work import allowed_range, at_work, is_real, read_loader
from loaderconv.programming.job import Wishes, program_firmware
from loaderconv.programming.limits import check_within, refuse_securing_erase
from loaderconv.programming.plan import touched_sectors
from loaderconv.programming.verification import Verification

_SHOWN_RANGES = 3


def program(arguments: RunArguments) -> None:
    """Erase what a firmware file touches, program it, and verify."""
    subject = read_loader(arguments)
    image = firmware(arguments, subject)
    device = subject.loader.described_device
    sectors = touched_sectors(image.pieces, device)
    check_within(sectors, device, allowed_range(arguments))
    if not arguments.keep:
        refuse_securing_erase(sectors, image, device)
    listed = ", ".join(str(each) for each in sectors[:_SHOWN_RANGES])
    listed += ", ..." if len(sectors) > _SHOWN_RANGES else ""
    confirm_erase(f"{listed} of {device.name}", "the board", yes=arguments.yes or not is_real(arguments))
    wishes = Wishes(arguments.keep, Verification(arguments.verify))
    with progress_bar() as progress, at_work(arguments, subject) as work:
        verified_by, mismatch = program_firmware(work.place.host, image, wishes, work.log, progress)
        report = work.report("program", verified_by=verified_by, mismatch=mismatch)
    tell(report, arguments)
