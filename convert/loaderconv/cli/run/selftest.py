"""`loaderconv run selftest`."""

from loaderconv.cli.run.arguments import RunArguments
from loaderconv.cli.run.confirmation import confirm_erase
from loaderconv.cli.run.outcome import tell
from loaderconv.cli.run.work import at_work, is_real, read_loader
from loaderconv.programming.limits import check_within, refuse_securing_erase
from loaderconv.programming.selftest import choose_ground
from loaderconv.programming.selftest import selftest as carry_out


def selftest(arguments: RunArguments) -> None:
    """Test the loader in two sectors."""
    subject = read_loader(arguments)
    device = subject.loader.described_device
    is_agreed = arguments.yes or not is_real(arguments)
    what = f"all of {device.name}" if arguments.everything else f"two sectors of {device.name}"
    confirm_erase(what, "the board", yes=is_agreed)
    with at_work(arguments, subject) as work:
        ground = choose_ground(work.place.host, work.allowed)
        check_within([ground.first, ground.second], device, work.allowed)
        erased = [device.range] if arguments.everything else [ground.first, ground.second]
        refuse_securing_erase(erased, None, device)
        place = work.place
        carry_out(
            place.host,
            subject.loader,
            ground,
            work.log,
            everything=arguments.everything,
            download=place.download,
        )
        report = work.report("selftest")
    tell(report, arguments)
