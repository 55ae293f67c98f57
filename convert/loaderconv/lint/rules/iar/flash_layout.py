"""Pages, blocks and gaps of a `.flash` file."""

from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.element_values import address_in, block_in, count_in
from loaderconv.lint.subjects.flash_description import FlashDescription
from loaderconv.lint.subjects.subject import Fact
from loaderconv_formats.iar import numbers
from loaderconv_formats.xml.document import BLANKS, XmlElement
from loaderconv_schemas.address_range import ADDRESS_SPACE_BYTES
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity


@rule("IAR023", Severity.ERROR, FlashDescription, hosts={Host.C_SPY: Verdict.LOSS}, needs=(Fact.LAYOUT,))
def page_fits_block(file: FlashDescription) -> Iterator[Problem]:
    """A page is not larger than the smallest block, and divides every block.

    What it checks:
        page against the size of each block.

    Why it matters:
        A page is the smallest piece that can be written, a block the smallest that can be erased. C-SPY cuts the data
        by both: where a page does not fit into a block, it writes into a neighbour that was not erased. The public
        files that break this rule (QSPI of SAM9x60 and SAMA5D2) say 1000 where 0x1000 is meant.

    Example:
        <page>4096</page> ... <block>512 1000</block>

    How to fix:
        Write the size of the block as the data sheet has it, in hexadecimal with 0x: <block>512 0x1000</block>.

    Source:
        docs/formats/iar.md, The .flash file; Protocol; What breaks a naive parser.
    """
    page = file.meaning.device.page_size_bytes
    for element, run in file.blocks:
        size = run.sector_size_bytes
        word = element.text.split()[1]
        told = "" if numbers.is_hex(word) else f" (0x is missing: 0x{word} would be {int(word, 16)})"
        if page > size:
            yield Problem(
                "page-larger-than-block",
                f"A page has {page} bytes, but {element.place} gives blocks of {size} bytes{told}.",
                "Correct the size of the block, with 0x in front of hexadecimal digits, or that of the page.",
                file.at(element),
            )
        elif page and size % page:
            yield Problem(
                "page-does-not-divide-block",
                f"A page of {page} bytes does not divide the blocks of {size} bytes of {element.place}{told}.",
                "Correct the size of the block, with 0x in front of hexadecimal digits, or that of the page.",
                file.at(element),
            )


@rule("IAR024", Severity.WARNING, FlashDescription, needs=(Fact.LAYOUT,))
def blocks_are_aligned(file: FlashDescription) -> Iterator[Problem]:
    """Block sizes are powers of two, and blocks begin at multiples of their size.

    What it checks:
        The size of each block, and the address at which the first of each element begins. A file with one block in all
        is left out, and so is a loader that tells C-SPY its layout at run time: what is in the file is a placeholder
        then. A file that breaks IAR023 is left out as well.

    Why it matters:
        Memories have such blocks, but for a few. Another size, or a base in the middle of a block, most often is a
        typing error, and C-SPY erases too much or too little.

    Example:
        <flash_base>0x100C1000</flash_base> <block>9 0x40000</block>

    How to fix:
        Compare base, gaps and blocks with the data sheet. If they are right, ignore the finding for this file.

    Source:
        docs/formats/iar.md, The .flash file: 21 files with other sizes, 16 with other bases.
    """
    if file.has_one_block or file.layout_format is not None or not file.do_pages_fit:
        return
    base = file.meaning.device.base_address
    for element, run in file.blocks:
        size, start = run.sector_size_bytes, base + run.offset_bytes
        if size & (size - 1):
            yield Problem(
                "not-a-power-of-two",
                f"{element.place} gives blocks of {size} bytes (0x{size:x}), which is no power of two.",
                "Compare the size with the data sheet.",
                file.at(element),
            )
        elif start % size:
            yield Problem(
                "not-aligned",
                f"The blocks of {element.place} begin at 0x{start:08x}, not at a multiple of 0x{size:x}.",
                "Compare flash_base and the gaps with the data sheet.",
                file.at(element),
            )


@rule("IAR026", Severity.ERROR, FlashDescription, hosts={Host.C_SPY: Verdict.LOSS})
def layout_fits_address_space(file: FlashDescription) -> Iterator[Problem]:
    """The blocks end within the 32-bit address space and do not come back over themselves.

    What it checks:
        flash_base, and the blocks and gaps behind it in order.

    Why it matters:
        Addresses in the parameter block have 32 bits. A block beyond them cannot be addressed; where a gap is so large
        that the addresses begin again, it would lie on blocks of the same file.

    Example:
        <flash_base>0xFFFF0000</flash_base> <block>64 0x1000</block>

    How to fix:
        Correct the base, the gap, or the number of blocks.

    Source:
        docs/formats/iar.md, Parameter block; The .flash file.
    """
    at = _base(file)
    covered: list[tuple[int, int]] = []
    for element in file.document.root.children:
        if at is None:
            return
        if element.name == "gap" and element.text.strip(BLANKS):
            at = _behind(at, count_in(element))
        elif element.name == "block":
            start, at = at, _behind(at, _bytes_of_blocks(element))
            if at is not None and at > ADDRESS_SPACE_BYTES:
                yield _beyond(file, element, (start, at), covered)
                return
            covered.append((start, at or start))


def _base(file: FlashDescription) -> int | None:
    element = next(iter(file.elements("flash_base")), None)
    return None if element is None else address_in(element)


def _bytes_of_blocks(element: XmlElement) -> int | None:
    found = block_in(element)
    return None if found is None else found[0] * found[1]


def _behind(at: int, size_bytes: int | None) -> int | None:
    return None if size_bytes is None else at + size_bytes


def _beyond(
    file: FlashDescription, element: XmlElement, found: tuple[int, int], covered: list[tuple[int, int]]
) -> Problem:
    start, end = (each - ADDRESS_SPACE_BYTES for each in found)
    if start >= 0 and any(start < other_end and other_start < end for other_start, other_end in covered):
        return Problem(
            "overlap",
            f"The gap in front of {element.place} is so large that, modulo 2^32, its blocks begin at 0x{start:08x} and"
            " lie on others.",
            "Correct the gap.",
            file.at(element),
        )
    return Problem(
        "beyond-address-space",
        f"{element.place} ends at 0x{found[1]:x}, beyond the 32-bit address space.",
        "Check flash_base, the gaps, and the count and size of each block.",
        file.at(element),
    )


@rule("IAR027", Severity.WARNING, FlashDescription, needs=(Fact.LAYOUT,))
def page_is_power_of_two(file: FlashDescription) -> Iterator[Problem]:
    """The page is a power of two.

    What it checks:
        page, of files that keep IAR023.

    Why it matters:
        It is one in all public files, and of all memories that erase to blocks. Something else most often is a
        hexadecimal number without its 0x.

    Example:
        <page>100</page>

    How to fix:
        Write the page in decimal, or in hexadecimal behind 0x: <page>256</page>.

    Source:
        docs/formats/iar.md, The .flash file.
    """
    page = file.meaning.device.page_size_bytes
    if page & (page - 1) and file.do_pages_fit:
        yield Problem(
            "not-a-power-of-two",
            f"A page has {page} bytes (0x{page:x}), which is no power of two.",
            "Compare the page with the data sheet.",
            file.at(file.elements("page")[0]),
        )


RULES: tuple[AnyRule, ...] = (page_fits_block, blocks_are_aligned, layout_fits_address_space, page_is_power_of_two)
