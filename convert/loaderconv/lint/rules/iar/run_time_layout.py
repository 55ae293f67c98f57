"""Layouts that a loader tells C-SPY only when it runs."""

from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.flash_description import FlashDescription
from loaderconv.lint.subjects.subject import Fact
from loaderconv_formats.xml.quoting import quoted
from loaderconv_schemas.severity import Severity


@rule("IAR042", Severity.NOTE, FlashDescription, needs=(Fact.EXECUTABLE,))
def layout_is_final(file: FlashDescription) -> Iterator[Problem]:
    """The blocks of the file are those of the loader.

    What it checks:
        Whether the executable holds a format string with which FlashInit prints a layout for C-SPY, such as
        "%d 0x%X".

    Why it matters:
        With OVERRIDE_LAYOUT FlashInit replaces the blocks of the `.flash` file, which are a placeholder then: rules on
        them are not applied, and a conversion wants --geometry. 15 public loaders hold such a string.

    Example:
        sprintf(LAYOUT_OVERRIDE_BUFFER, "%d 0x%X", count, size);

    How to fix:
        Nothing is wrong. Take the geometry from the data sheet, or run the loader, where you need it.

    Source:
        docs/formats/iar.md, Constants; The .flash file.
    """
    if file.layout_format is not None and file.executable is not None and file.elements("block"):
        yield Problem(
            "placeholder",
            f"{file.executable.name.name} prints a layout at run time ({quoted(file.layout_format)}), so that the"
            " blocks here may be placeholders.",
            "Give --geometry from the data sheet, where you convert the loader.",
            file.at(file.elements("block")[0]),
        )


RULES: tuple[AnyRule, ...] = (layout_is_final,)
