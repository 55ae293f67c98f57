"""The image against the RAM into which hosts load it."""

from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.flm import FlmFile
from loaderconv.lint.subjects.subject import Fact
from loaderconv_formats.elf.loaded import loaded_ranges
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity

_STACK_BYTES = 512
"""What hosts leave: probe-rs by default, pyOCD where it has two page buffers."""

_DEEP_STACK_BYTES = 4096
_LARGE_IMAGE_BYTES = 8 << 10
"""Images of that size bring a vendor's library, whose calls nest deeply."""

_MAX_PAGE_BYTES = 1 << 16


@rule(
    "FLM060",
    Severity.WARNING,
    FlmFile,
    hosts={Host.UVISION: Verdict.LOSS, Host.PYOCD: Verdict.LOSS, Host.PROBE_RS: Verdict.LOSS},
    needs=(Fact.RAM, Fact.SYMBOLS, Fact.DESCRIPTOR),
)
def image_fits_ram(file: FlmFile) -> Iterator[Problem]:
    """The image, one page and a stack fit into the RAM.

    What it checks:
        The bytes from the lowest to the highest address that is loaded (code, data, zero-initialised data), szPage and
        512 bytes of stack against the RAM: RAMstart and RAMsize of the pack, the default RAM of the pack's devices, or
        --ram and --chip. It is an error where image and stack do not fit even without a page. Images of more than
        8 KiB should be left 4096 bytes of stack.

    Why it matters:
        uVision stops with "Insufficient RAM for Flash Algorithms", pyOCD does not program the memory ("not enough
        memory space to fit flash algorithm"), or the stack runs into the page buffer (pyOCD issue 1976, probe-rs
        issue 1251). The STM32F7 pack gives its QSPI algorithms RAMsize 0x1000, and their images alone have more.

    Example:
        <algorithm name="Flash/QSPI.FLM" ... RAMstart="0x20010000" RAMsize="0x1000"/>  <!-- image: 0x1294 bytes -->

    How to fix:
        Give RAMstart and RAMsize a larger range of the chip's RAM. Otherwise build with a smaller szPage, or -Os.

    Source:
        docs/formats/flm.md, What a pack says; docs/formats/flm.md, How hosts drive it.
    """
    loaded = loaded_ranges(file.image, without=file.descriptor_segment)
    page_bytes = file.info.page_size_bytes
    if not loaded or page_bytes > _MAX_PAGE_BYTES:
        return
    image_bytes = max(each.end for each in loaded) - loaded[0].address
    ram_bytes = max(each.size_bytes for each in file.ram.merged)
    left_bytes = ram_bytes - image_bytes - page_bytes
    ram = f"0x{ram_bytes:x} bytes of RAM ({file.ram.source})"
    if image_bytes + _STACK_BYTES > ram_bytes:
        yield Problem(
            "image-too-large",
            f"The image has 0x{image_bytes:x} bytes, which do not fit into 0x{ram_bytes:x} bytes of RAM with a stack of"
            f" {_STACK_BYTES} bytes ({file.ram.source}).",
            "Give it a larger range of the chip's RAM.",
            file.whole,
            severity=Severity.ERROR,
        )
    elif left_bytes < _STACK_BYTES:
        yield Problem(
            "no-room-for-page",
            f"The image of 0x{image_bytes:x} bytes, a page of 0x{page_bytes:x} and a stack of {_STACK_BYTES} bytes do"
            f" not fit into {ram}.",
            "Give it a larger range of the chip's RAM, or build with a smaller szPage.",
            file.whole,
        )
    elif image_bytes > _LARGE_IMAGE_BYTES and left_bytes < _DEEP_STACK_BYTES:
        yield Problem(
            "little-stack",
            f"The image of 0x{image_bytes:x} bytes and a page of 0x{page_bytes:x} leave {left_bytes} bytes of stack in"
            f" {ram}.",
            f"Measure how much stack it needs, or give it {_DEEP_STACK_BYTES} bytes.",
            file.whole,
            severity=Severity.NOTE,
            hosts={},
        )


RULES: tuple[AnyRule, ...] = (image_fits_ram,)
