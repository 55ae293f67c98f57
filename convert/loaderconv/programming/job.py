"""Firmware onto a device: erased, programmed and verified."""

from dataclasses import dataclass
from functools import partial

from loaderconv.hosts.host import Host
from loaderconv.programming.limits import check_within
from loaderconv.programming.operations import RunLog, begin, program, read
from loaderconv.programming.plan import plan_programming
from loaderconv.programming.progress import Progress
from loaderconv.programming.verification import Verification, verify
from loaderconv_formats.firmware.image import FirmwareImage
from loaderconv_schemas.run_report import Mismatch


@dataclass(frozen=True)
class Wishes:
    """What a user may choose.

    Attributes:
        keep: what touched sectors hold outside of the image.
        verification: who compares in the end.
    """

    keep: bool = False
    verification: Verification = Verification.AUTO


def program_firmware(
    host: Host, image: FirmwareImage, wishes: Wishes, log: RunLog, progress: Progress
) -> tuple[str | None, Mismatch | None]:
    """Let a device hold an image; what follows an error of the loader is left alone.

    What is kept is read first, and verified with the image in the end.

    Args:
        host: of the loader.
        image: what is wanted.
        wishes: how.
        log: takes what was done, and with it whether all went well.
        progress: is told.

    Returns:
        Who verified it, None where nothing did, and the first difference.

    Raises:
        UsageProblem: the image does not lie in the device's sectors, or would cost what lies beside it.
        LeftIncomplete: erasing or programming did not come to its end.
        RunFailed: the loader hangs or faults before or after that, or the memory cannot be read and has to be.
    """
    if not begin(host, log):
        return None, None
    plan = plan_programming(
        image,
        host.device,
        alignment_bytes=host.program_alignment_bytes,
        read_back=partial(read, host, log=log, progress=progress) if wishes.keep else None,
    )
    check_within(plan.erase, host.device, None)
    if not program(host, plan, log, progress):
        return None, None
    return verify(host, plan.contents, wishes.verification, log, progress)
