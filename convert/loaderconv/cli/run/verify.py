"""`loaderconv run verify`."""

from loaderconv.cli.run.arguments import RunArguments, VerifyChoice
from loaderconv.cli.run.firmware import firmware
from loaderconv.cli.run.outcome import tell
from loaderconv.cli.run.progress_bar import progress_bar
from loaderconv.cli.run.work import at_work, read_loader
from loaderconv.programming import verification
from loaderconv_schemas.errors import UsageProblem


def verify(arguments: RunArguments) -> None:
    """Compare the memory with a firmware file."""
    if arguments.verify is VerifyChoice.NONE:
        raise UsageProblem("--verify none leaves nothing to do.", hint="Choose auto, read or loader.")
    subject = read_loader(arguments)
    image = firmware(arguments, subject)
    with progress_bar() as progress, at_work(arguments, subject) as work:
        how = verification.Verification(arguments.verify)
        verified_by, mismatch = verification.verify(work.place.host, image.pieces, how, work.log, progress)
        report = work.report("verify", verified_by=verified_by, mismatch=mismatch)
    tell(report, arguments)
