"""The RAM buffer of the executable against the blocks of the `.flash` file."""

from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.flash_description import FlashDescription
from loaderconv.lint.subjects.subject import Fact
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity


@rule("IAR038", Severity.NOTE, FlashDescription, needs=(Fact.LAYOUT, Fact.EXECUTABLE))
def aggregate_has_room(file: FlashDescription) -> Iterator[Problem]:
    """Where aggregate is 1, the buffer holds two blocks at least.

    What it checks:
        The buffer between FlashBufferStart and FlashBufferEnd against two of the smallest blocks. A buffer smaller than
        one block is told by IAR039; layouts of one block, or that are told at run time, are left out.

    Why it matters:
        aggregate lets several blocks share a transfer. With a smaller buffer there never is more than one in it. It
        does no harm: 73 public passes have room for less than two blocks.

    Example:
        <aggregate>1</aggregate> <block>64 0x2000</block>, and a buffer of 0x3000 bytes

    How to fix:
        Enlarge the buffer in the .icf file, or leave it.

    Source:
        docs/formats/iar.md, Protocol; Link-time layout.
    """
    sizes = _buffer_and_smallest_block(file)
    if sizes is None or not file.meaning.settings.aggregate:
        return
    buffer, block = sizes
    if block <= buffer < 2 * block:
        yield Problem(
            "no-room-for-two-blocks",
            f"aggregate is 1, but the buffer has {buffer} bytes, less than two blocks of {block}.",
            "Enlarge the buffer for faster downloads, or leave it.",
            file.at(file.elements("aggregate")[0]),
        )


@rule("IAR039", Severity.NOTE, FlashDescription, needs=(Fact.LAYOUT, Fact.EXECUTABLE))
def buffer_holds_block(file: FlashDescription) -> Iterator[Problem]:
    """The buffer holds the smallest block.

    What it checks:
        The buffer between FlashBufferStart and FlashBufferEnd against the smallest block. Layouts of one block, or that
        are told at run time, are left out.

    Why it matters:
        C-SPY writes such a block in several transfers, so that FlashWrite must heed offset_into_block. That is normal:
        99 of 695 public passes are so. IAR043 tells where not even a page fits.

    Example:
        <block>64 0x10000</block>, and a buffer of 0x4000 bytes

    How to fix:
        Check that FlashWrite adds offset_into_block to the start of the block; else enlarge the buffer.

    Source:
        docs/formats/iar.md, Parameter block; Link-time layout.
    """
    sizes = _buffer_and_smallest_block(file)
    if sizes is not None and file.meaning.device.page_size_bytes <= sizes[0] < sizes[1]:
        yield Problem(
            "smaller-than-block",
            f"The buffer has {sizes[0]} bytes, less than a block of {sizes[1]}: each block comes in several transfers.",
            "Check that FlashWrite heeds offset_into_block.",
            file.at(file.elements("block")[0]),
        )


@rule(
    "IAR043", Severity.ERROR, FlashDescription, hosts={Host.C_SPY: Verdict.LOSS}, needs=(Fact.LAYOUT, Fact.EXECUTABLE)
)
def buffer_holds_page(file: FlashDescription) -> Iterator[Problem]:
    """The buffer holds a page.

    What it checks:
        page against the buffer of the executable, between FlashBufferStart and FlashBufferEnd. IAR004 tells where the
        buffer has no bytes. Layouts that are told at run time are left out.

    Why it matters:
        C-SPY sends data in pieces that fit the buffer and are made of whole pages: without room for one, nothing can be
        programmed. Several `.flash` files may use one executable, with pages of their own.

    Example:
        <page>512</page>, and a buffer of 256 bytes

    How to fix:
        Enlarge the buffer in the .icf file, or correct page.

    Source:
        docs/formats/iar.md, Link-time layout; What breaks a naive parser.
    """
    buffer = None if file.executable is None else file.executable.interface.buffer
    page = file.meaning.device.page_size_bytes
    if buffer is not None and 0 < buffer.size_bytes < page and file.layout_format is None:
        yield Problem(
            "smaller-than-page",
            f"The buffer has {buffer.size_bytes} bytes, but a page has {page}.",
            "Make the buffer larger, or correct page.",
            file.at(file.elements("page")[0]),
        )


def _buffer_and_smallest_block(file: FlashDescription) -> tuple[int, int] | None:
    """Return both sizes; None where one of them is not known or has no bytes."""
    buffer = None if file.executable is None else file.executable.interface.buffer
    block = min((run.sector_size_bytes for _, run in file.blocks), default=0)
    if buffer is None or not buffer.size_bytes or not block or file.has_one_block or file.layout_format is not None:
        return None
    return buffer.size_bytes, block


RULES: tuple[AnyRule, ...] = (aggregate_has_room, buffer_holds_block, buffer_holds_page)
