"""Whether a `.flash` or `.board` file is XML."""

from collections.abc import Iterator

from loaderconv.lint.rule import NO_HOST, AnyRule, Problem, rule
from loaderconv.lint.subjects.description import Description
from loaderconv.lint.subjects.description_file import DescriptionFile
from loaderconv.lint.subjects.unfit import UnfitDescription
from loaderconv_formats.xml.document import DamagedXml
from loaderconv_formats.xml.quoting import quoted
from loaderconv_formats.xml.templates import holds_placeholder, holds_template_tags
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.lint import Place, PlaceKind
from loaderconv_schemas.severity import Severity


@rule("IAR020", Severity.ERROR, DescriptionFile, hosts={Host.C_SPY: Verdict.REJECTED}, is_fixable=True)
def well_formed(file: DescriptionFile) -> Iterator[Problem]:
    """The file is well-formed XML, not a template of it.

    What it checks:
        The file can be parsed, declares no document type, is in an encoding in which ASCII characters are single bytes,
        and holds neither tags nor placeholders of a template engine. Blanks in front of the XML declaration are a
        warning.

    Why it matters:
        C-SPY takes the memory, the executable and the passes from these files. Two public ones are FreeMarker
        templates that STM32CubeMX still has to fill in. Eight begin with a blank; many XML readers refuse that, and
        nobody knows of each version of C-SPY.

    Example:
        <flash_base>${base}</flash_base>

    How to fix:
        Repair the line that the message names, or let the tool that has the template write the file. Leading blanks:
        loaderconv lint --fix, or loaderconv rewrite.

    Source:
        docs/formats/iar.md, What breaks a naive parser.
    """
    if isinstance(file, UnfitDescription):
        yield from _unfit(file)
    elif isinstance(file, Description):
        yield from _placeholders(file)
        if file.document.had_leading_blanks:
            yield Problem(
                "leading-blanks",
                "Blanks stand in front of <?xml, which many XML readers refuse.",
                "Let lint --fix take the blanks out.",
                Place(kind=PlaceKind.FILE, line=1),
                severity=Severity.WARNING,
                hosts=NO_HOST,
                is_fixable=True,
            )


def _unfit(file: UnfitDescription) -> Iterator[Problem]:
    problem = file.problem
    if holds_template_tags(file.data):
        yield Problem("template", problem.message, problem.hint, file.whole)
    elif isinstance(problem, DamagedXml):
        place = Place(kind=PlaceKind.FILE, line=problem.line)
        yield Problem("damaged", problem.message, problem.hint, place)
    else:
        yield Problem("not-read", problem.message, problem.hint, file.whole, hosts=NO_HOST)


def _placeholders(file: Description) -> Iterator[Problem]:
    for element in file.document.root:
        if element.name != "args_doc" and holds_placeholder(element.text):
            yield Problem(
                "placeholder",
                f"{element.place} holds {quoted(element.text.strip())}, which a template engine has still to fill in.",
                "Let the tool that has the template write the file.",
                file.at(element),
            )


RULES: tuple[AnyRule, ...] = (well_formed,)
