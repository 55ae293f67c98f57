"""Algorithms of one device against each other."""

from collections.abc import Iterator

from loaderconv.lint.rule import NO_HOST, AnyRule, Problem, rule
from loaderconv.lint.subjects.pack import PackAlgorithm, is_default, range_of
from loaderconv_formats.pack.described_algorithms import DescribedAlgorithm
from loaderconv_formats.xml.quoting import quoted
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity


@rule("FLM064", Severity.WARNING, PackAlgorithm, hosts={Host.PYOCD: Verdict.LOSS})
def one_default(algorithm: PackAlgorithm) -> Iterator[Problem]:
    """A device has one default algorithm for each address.

    What it checks:
        Of all <algorithm> elements that count for a device and have default="1", no two of the same style and
        processor program the same addresses. Where one stands farther down for exactly the same range, it takes the
        place of the other, and nothing is wrong.

    Why it matters:
        Each new project gets both, and which of them erases is up to the host: pyOCD takes the last one for the same
        range. The STM32F7 pack makes the algorithms for one bank and for two banks default for the same chips; with
        the wrong one the sectors are of another size than in the chip.

    Example:
        <algorithm name="Flash/F7_1024.FLM"     start="0x08000000" size="0x100000" default="1"/>
        <algorithm name="Flash/F7_1024dual.FLM" start="0x08000000" size="0x100000" default="1"/>

    How to fix:
        Set default="0" for all but the one that fits the chip as it is delivered.

    Source:
        docs/formats/flm.md, What a pack says.
    """
    told: set[str] = set()
    for element in algorithm.elements:
        for other in (*element.inherited, *element.beside):
            name = other.attributes.get("name", "")
            if name in told or not _collide(element, other):
                continue
            told.add(name)
            yield Problem(
                "two-defaults",
                f"{element.owner} has two default algorithms for the same addresses: {quoted(algorithm.spelled)} and"
                f" {quoted(name)} in line {other.line}.",
                'Set default="0" for one of them.',
                algorithm.place,
                hosts=None if algorithm.is_for_flm else NO_HOST,
            )


def _collide(element: DescribedAlgorithm, other: DescribedAlgorithm) -> bool:
    """Tell whether two algorithms that count in the same place are rivals."""
    mine, theirs = range_of(element, "start", "size"), range_of(other, "start", "size")
    if mine is None or theirs is None or not (is_default(element) and is_default(other)):
        return False
    if _role(element) != _role(other) or _file(element) == _file(other):
        return False
    is_replaced = mine == theirs and other in element.inherited
    return mine.overlaps(theirs) and not is_replaced


def _role(element: DescribedAlgorithm) -> tuple[str, str | None, str | None]:
    attributes = element.attributes
    style = attributes.get("style", "Keil").strip().lower()
    return style, attributes.get("Pname"), attributes.get("deviceIndex")


def _file(element: DescribedAlgorithm) -> str:
    return element.attributes.get("name", "").strip().replace("\\", "/").lower()


RULES: tuple[AnyRule, ...] = (one_default,)
