"""`loaderconv run erase`."""

from loaderconv.cli.run.arguments import RunArguments
from loaderconv.cli.run.confirmation import confirm_erase
from loaderconv.cli.run.outcome import tell
from loaderconv.cli.run.progress_bar import progress_bar
from loaderconv.cli.run.work import allowed_range, at_work, is_real, read_loader
from loaderconv.hosts.host import sectors_in
from loaderconv.programming import operations
from loaderconv.programming.limits import check_within, refuse_securing_erase
from loaderconv_schemas.errors import UsageProblem


def erase(arguments: RunArguments) -> None:
    """Erase a range, or everything."""
    subject = read_loader(arguments)
    device = subject.loader.described_device
    wanted = allowed_range(arguments)
    if (wanted is None) is not arguments.everything:
        raise UsageProblem(
            "Say what is to be erased: a range, or everything.", hint="--range BASE:SIZE, or --all, not both."
        )
    if wanted is not None:
        check_within([wanted], device, None)
    refuse_securing_erase(sectors_in(device, wanted or device.range), None, device)
    what = f"all of {device.name}" if wanted is None else f"the sectors of {device.name} in {wanted}"
    confirm_erase(what, "the board", yes=arguments.yes or not is_real(arguments))
    with progress_bar() as progress, at_work(arguments, subject) as work:
        host = work.place.host
        if wanted is None:
            operations.erase_all(host, work.log)
        else:
            operations.erase(host, [wanted], work.log, progress)
        report = work.report("erase")
    tell(report, arguments)
