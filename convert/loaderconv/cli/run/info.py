"""`loaderconv run info`."""

from loaderconv.cli.run.arguments import RunArguments
from loaderconv.cli.run.outcome import tell
from loaderconv.cli.run.work import at_work, read_loader
from loaderconv.programming.operations import start
from loaderconv_schemas.run_report import RunPlace


def info(arguments: RunArguments) -> None:
    """Connect, download the loader and initialise it."""
    with at_work(arguments, read_loader(arguments)) as work:
        start(work.place.host, work.log)
        host = work.place.host
        place = RunPlace(ram=work.place.ram, stack=host.stack, buffer=host.buffer, moved_by=host.moved_by)
        report = work.report("info").model_copy(update={"place": place})
    tell(report, arguments)
