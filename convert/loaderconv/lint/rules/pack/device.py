"""What a pack promises to program against what the FLM says."""

from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.flm import FlmFile
from loaderconv.lint.subjects.pack import PackAlgorithm
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity


@rule(
    "FLM061",
    Severity.ERROR,
    PackAlgorithm,
    hosts={Host.PYOCD: Verdict.LOSS},
)
def device_of_pack(algorithm: PackAlgorithm) -> Iterator[Problem]:
    """The FLM serves all that the pack promises.

    What it checks:
        start and size of <algorithm> against DevAdr and szDev of the FLM that it names. A pack may promise less: one
        FLM for chips of several sizes is normal.

    Why it matters:
        FlashDevice has no sectors beyond szDev, so nothing behind it can be erased or programmed, whatever the pack
        says. 11 of 269 public references are wrong, among them STM32L4xx_512.FLM for 0x100000 bytes.

    Example:
        <algorithm name="CMSIS/Flash/STM32L4xx_512.FLM" start="0x08000000" size="0x00100000" default="1"/>

    How to fix:
        Name the FLM for that size, or correct start and size. Where the FLM is for the whole memory, correct szDev in
        FlashDev.c.

    Source:
        docs/formats/flm.md, What a pack says.
    """
    promised, flm = algorithm.device, algorithm.target
    if promised is None or not isinstance(flm, FlmFile) or flm.raw is None:
        return
    start, size_bytes = flm.raw.base_address, flm.raw.size_bytes
    end = start + size_bytes
    says = f"0x{start:08x} with szDev 0x{size_bytes:x}"
    if not start <= promised.start < end:
        yield Problem(
            "start-outside",
            f"The element for {algorithm.name_and_owners} starts at 0x{promised.start:08x}, but the device of the FLM"
            f" is {says}.",
            "Correct start, or name the FLM for that memory.",
            algorithm.place,
        )
    elif promised.end > end:
        yield Problem(
            "size-beyond-device",
            f"The element for {algorithm.name_and_owners} promises 0x{promised.size_bytes:x} bytes from"
            f" 0x{promised.start:08x} on, but the device of the FLM is {says}.",
            "Name the FLM for that size, or correct size.",
            algorithm.place,
        )


RULES: tuple[AnyRule, ...] = (device_of_pack,)
