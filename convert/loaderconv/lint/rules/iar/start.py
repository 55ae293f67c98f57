"""What a Cortex-M starts with: stack pointer and entry."""

from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.iar_program import IarProgram
from loaderconv.lint.subjects.subject import Fact
from loaderconv_formats.iar import abi
from loaderconv_schemas.severity import Severity

_STACK_ALIGNMENT_BYTES = 8
_THUMB_BIT = 1


@rule("IAR008", Severity.WARNING, IarProgram, needs=(Fact.SYMBOLS,))
def stack_pointer(file: IarProgram) -> Iterator[Problem]:
    """The end of the stack is known from one place or two that agree, and is aligned to 8.

    What it checks:
        CSTACK$$Limit, and word 0 of __vector_table, of loaders for Cortex-M. One of them is enough.

    Why it matters:
        Stubs for Cortex-M never set sp: the debugger does, from the vector table or from CSTACK$$Limit. Where neither
        is there it has to guess, and where they differ it depends on the debugger which memory the stack overwrites.
        The procedure call standard wants sp at a multiple of 8. 198 of 203 files with a vector table agree; 5 old
        loaders (RTL8195A) have only RamBottom$$Limit.

    Example:
        A stack in a block of another name than CSTACK, and no vector table.

    How to fix:
        Define the stack as block CSTACK with alignment = 8, and keep IAR's vector table {SFE(CSTACK),
        FlashInitEntry}.

    Source:
        docs/formats/iar.md, Protocol, and Symbols.
    """
    if not file.is_thumb:
        return
    limit = file.symbols.get(abi.STACK_LIMIT)
    table = file.interface.vector_table
    word = None if table is None else file.word_at(table)
    if limit is None and not word:
        bottom = file.symbols.get(abi.RAM_BOTTOM_LIMIT)
        instead = f"; {abi.RAM_BOTTOM_LIMIT} is 0x{bottom.value:08x}" if bottom else ""
        yield Problem(
            "no-stack",
            f"The file has neither CSTACK$$Limit nor a vector table with the end of the stack{instead}.",
            "Define the stack as block CSTACK, and keep IAR's vector table.",
            file.at_symbol(abi.STACK_LIMIT),
        )
    elif limit is not None and word is not None and word != limit.value:
        yield Problem(
            "stacks-differ",
            f"The vector table says that the stack ends at 0x{word:08x}, CSTACK$$Limit 0x{limit.value:08x}.",
            "Let word 0 of the vector table be SFE(CSTACK).",
            file.at_symbol(abi.VECTOR_TABLE),
        )
    elif (end := word or 0 if limit is None else limit.value) % _STACK_ALIGNMENT_BYTES:
        yield Problem(
            "unaligned",
            f"The stack ends at 0x{end:08x}, which is no multiple of 8.",
            "Give the block CSTACK alignment = 8.",
            file.at_symbol(abi.VECTOR_TABLE if limit is None else limit),
        )


@rule("IAR009", Severity.WARNING, IarProgram, needs=(Fact.SYMBOLS,))
def entry(file: IarProgram) -> Iterator[Problem]:
    """The entry of the file, and word 1 of the vector table, are FlashInitEntry.

    What it checks:
        e_entry of the ELF header and word 1 of __vector_table, the Thumb bit left aside, of loaders for Cortex-M.

    Why it matters:
        C-SPY sets pc to FlashInitEntry by its symbol. Whoever starts at the entry of the file instead, or resets the
        core with its vector table, runs start-up code that no loader is made for. 37 of 249 surveyed loaders deviate;
        that it does no harm under C-SPY is inferred.

    Example:
        The project option Entry symbol is still __iar_program_start.

    How to fix:
        Link with --entry FlashInitEntry (Linker, Library, Override default program entry).

    Source:
        docs/formats/iar.md, Link-time layout.
    """
    init = file.symbols.get("FlashInitEntry")
    if init is None or not file.is_thumb:
        return
    wanted = init.address
    table = file.interface.vector_table
    word = None if table is None else file.word_at(table + 4)
    if word is not None and word & ~_THUMB_BIT != wanted:
        yield Problem(
            "vector",
            f"Word 1 of the vector table is 0x{word:08x}, but FlashInitEntry is at 0x{wanted:08x}.",
            "Let word 1 of the vector table be FlashInitEntry.",
            file.at_symbol(abi.VECTOR_TABLE),
        )
    if file.image.entry & ~_THUMB_BIT != wanted:
        yield Problem(
            "entry",
            f"The entry of the file is 0x{file.image.entry:08x}, but FlashInitEntry is at 0x{wanted:08x}.",
            "Link with --entry FlashInitEntry.",
            file.at_symbol(init),
        )


RULES: tuple[AnyRule, ...] = (stack_pointer, entry)
