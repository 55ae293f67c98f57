"""What a loader that is handed out should not hold."""

import re
from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.iar_program import IarProgram
from loaderconv_formats.elf import constants as c
from loaderconv_formats.elf.lookup import sections_named
from loaderconv_formats.file_names import shown
from loaderconv_schemas.severity import Severity

_DEBUG = (".debug_", ".iar.debug_")

_ABSOLUTE = re.compile(r"(?:[A-Za-z]:[\\/]|/(?=[^/]+/))(?:[^\\/]{1,40}[\\/]){0,2}")
"""The first folders of an absolute path: enough to know it by."""

_IN_COMMENT = re.compile(rb"(?<![A-Za-z])[A-Za-z]:\\[\x20-\x7e]+")

_COMMENT_BYTES = 1 << 16


@rule("IAR013", Severity.NOTE, IarProgram)
def build_traces(file: IarProgram) -> Iterator[Problem]:
    r"""The file holds no debug information and no folder names of the build machine.

    What it checks:
        Sections .debug_* and .iar.debug_*, and absolute paths in the names of source files (FILE symbols) or in
        .comment, where ILINK keeps its command line. There is one finding, however many of them there are.

    Why it matters:
        The paths show names of people and projects, and nothing of it is downloaded: it makes files several times as
        large. All 249 surveyed loaders have both.

    Example:
        C:\Users\jane\Desktop\secret_project\flash_loader.c

    How to fix:
        loaderconv rewrite --strip-debug OLD.out NEW.out leaves debug information and names of source files out, and
        arm-none-eabi-objcopy --remove-section .comment the command line. Never remove the symbol table: C-SPY finds
        everything by symbol.

    Source:
        docs/formats/iar.md, Link-time layout.
    """
    debug_bytes = sum(each.size_bytes for each in file.image.sections if each.name.startswith(_DEBUG))
    source, command = _source_folder(file), _command_folder(file)
    if debug_bytes or source is not None:
        size = f"{debug_bytes} bytes of debug information" if debug_bytes else ""
        folders = f"names of source files in {source}" if source is not None else ""
        yield Problem(
            "debug-information",
            f"The file holds {' and '.join(filter(None, (size, folders)))}.",
            "Leave them out with loaderconv rewrite --strip-debug.",
            file.whole,
        )
    elif command is not None:
        yield Problem(
            "command-line",
            f"The section .comment holds the linker's command line, with paths in {command}.",
            "Remove it with arm-none-eabi-objcopy --remove-section .comment.",
            file.at_section(sections_named(file.image, ".comment")[0]),
        )


def _source_folder(file: IarProgram) -> str | None:
    """Return the beginning of the first absolute path among the source files, None where there is none."""
    names = (_ABSOLUTE.match(each.name) for each in file.image.symbols if each.type == c.STT_FILE)
    return next((shown(found.group()) for found in names if found), None)


def _command_folder(file: IarProgram) -> str | None:
    """Return the beginning of the first absolute path in .comment, None where there is none."""
    for section in sections_named(file.image, ".comment")[:1]:
        if found := _IN_COMMENT.search(section.data[:_COMMENT_BYTES]):
            path = _ABSOLUTE.match(found.group().decode("ascii"))
            return None if path is None else shown(path.group())
    return None


RULES: tuple[AnyRule, ...] = (build_traces,)
