"""`loaderconv run read`."""

from loaderconv.cli.run.arguments import RunArguments
from loaderconv.cli.run.outcome import tell
from loaderconv.cli.run.progress_bar import progress_bar
from loaderconv.cli.run.work import allowed_range, at_work, read_loader
from loaderconv.programming import operations
from loaderconv.programming.limits import check_within
from loaderconv_formats.output_file import check_destination, write_complete


def read(arguments: RunArguments) -> None:
    """Read a range, or everything, into a file."""
    assert arguments.output is not None  # noqa: S101 - typer lets nobody leave it out
    check_destination(arguments.loader, arguments.output, replace=arguments.force)
    subject = read_loader(arguments)
    device = subject.loader.described_device
    wanted = allowed_range(arguments) or device.range
    check_within([wanted], device, None)
    with progress_bar() as progress, at_work(arguments, subject) as work:
        data = operations.read(work.place.host, wanted, work.log, progress)
        report = work.report("read")
    write_complete(arguments.output, data)
    tell(report, arguments)
