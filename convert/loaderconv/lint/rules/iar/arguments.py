"""Arguments against the room that the executable has for them."""

from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.board_description import BoardDescription
from loaderconv.lint.subjects.description import Description
from loaderconv.lint.subjects.element_values import value_of
from loaderconv.lint.subjects.flash_description import FlashDescription
from loaderconv.lint.subjects.iar_program import IarProgram
from loaderconv.lint.subjects.subject import Fact
from loaderconv_formats.iar.elements import lines_of
from loaderconv_formats.xml.document import XmlElement
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity


@rule("IAR037", Severity.ERROR, Description, hosts={Host.C_SPY: Verdict.LOSS}, needs=(Fact.EXECUTABLE,))
def arguments_fit(file: Description) -> Iterator[Problem]:
    """The arguments fit into __argv and __argvbuf of the executable.

    What it checks:
        args of a `.flash` file, and args of each pass, which replace those of its `.flash`: as many as __argv has
        entries at most, with a NUL behind each no more bytes than __argvbuf has, and none where the executable has no
        __argc, __argv and __argvbuf.

    Why it matters:
        C-SPY writes the arguments there, and no code of the framework looks how many there are: too many overwrite what
        lies behind. A loader that was built without USE_ARGC_ARGV has no room at all, and never sees them.

    Example:
        Six lines in <args>, and a loader with five entries in __argv

    How to fix:
        Take arguments out or shorten them, or build the loader with larger MAX_ARGS and MAX_ARG_SIZE.

    Source:
        docs/formats/iar.md, Symbols; The .board file.
    """
    if isinstance(file, FlashDescription) and file.executable is not None:
        for element in file.elements("args")[:1]:
            yield from _fit(file, element, file.executable)
    elif isinstance(file, BoardDescription):
        for each in file.passes:
            program = None if each.flash is None else each.flash.executable
            if program is not None:
                for element in file.elements("args", within=each.element)[:1]:
                    yield from _fit(file, element, program)


def _fit(file: Description, element: XmlElement, program: IarProgram) -> Iterator[Problem]:
    arguments = value_of(lambda: lines_of(element, [])) or ()
    size = sum(len(each.encode("utf-8")) + 1 for each in arguments)
    block, name, place = program.interface.arguments, program.name.name, file.at(element)
    if not arguments:
        return
    if block is None:
        yield Problem(
            "not-taken",
            f"{element.place} gives {_count(arguments)}, but {name} has no __argc, __argv and __argvbuf for them.",
            "Take the arguments out, or build the loader with USE_ARGC_ARGV.",
            place,
        )
    elif len(arguments) > block.max_count:
        yield Problem(
            "too-many",
            f"{element.place} gives {_count(arguments)}, but __argv of {name} has {block.max_count} entries.",
            "Take arguments out, or build the loader with a larger MAX_ARGS.",
            place,
        )
    elif size > block.text.size_bytes:
        yield Problem(
            "too-long",
            f"{element.place} gives {_count(arguments)} of {size} bytes with their NULs, but __argvbuf of {name} has"
            f" {block.text.size_bytes}.",
            "Shorten the arguments, or build the loader with a larger MAX_ARG_SIZE.",
            place,
        )


def _count(arguments: tuple[str, ...]) -> str:
    return f"{len(arguments)} argument{'' if len(arguments) == 1 else 's'}"


RULES: tuple[AnyRule, ...] = (arguments_fit,)
