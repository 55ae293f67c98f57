"""The attributes of `<algorithm>`."""

from collections.abc import Iterator
from difflib import get_close_matches

from loaderconv.lint.rule import NO_HOST, AnyRule, Problem, rule
from loaderconv.lint.subjects.pack import PackAlgorithm
from loaderconv_formats.pack.members import Found
from loaderconv_formats.pack.numbers import read_number
from loaderconv_formats.xml.quoting import quoted, short_ascii
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity

_NEAR = 0.85
"""How alike two names are, as difflib counts: `Ramsize`, `ram_size`; not `startup` and `start`."""

_NUMBERS = ("start", "size", "RAMstart", "RAMsize")
_KNOWN = frozenset(
    {"Pname", "deviceIndex", "name", "default", "style", "parameter", "endian", *_NUMBERS},
)

_PYOCD = {Host.PYOCD: Verdict.LOSS}
"""It takes algorithms of style Keil only."""


@rule("FLM062", Severity.WARNING, PackAlgorithm)
def attributes(algorithm: PackAlgorithm) -> Iterator[Problem]:
    r"""The attributes of <algorithm> are those of the schema, and spelled right.

    What it checks:
        Names of attributes against PACK.xsd; start, size, RAMstart and RAMsize are numbers; start and size are there;
        RAMstart and RAMsize come together; name has slashes and the case of the file.

    Why it matters:
        pyOCD skips an algorithm without start and size, or with something else in them, and warns of RAMstart without
        RAMsize, which comes from a pack where nobody decided how much RAM there is. A path in another case is not
        found in an archive. Other attributes mean nothing; startup, in two public elements, belongs to <memory>.
        pyOCD understands backslashes, and the specification has them in an example; most packs have slashes.

    Example:
        <algorithm name="flash\STM32F4.flm" start="0x08000000" size="0x80000" RAMstart="0x20000000" startup="1"/>

    How to fix:
        Correct the attribute; check the description with packchk.

    Source:
        docs/formats/flm.md, What a pack says; PACK.xsd, AlgorithmType.
    """
    yield from _numbers(algorithm)
    given = algorithm.attributes.keys() & {"RAMstart", "RAMsize"}
    if len(given) == 1:
        yield Problem(
            "half-a-ram",
            f"{algorithm.name_and_owners} has {next(iter(given))} only, which alone says nothing about the other end.",
            "Give RAMstart and RAMsize, or neither.",
            algorithm.place,
        )
    unknown = sorted(algorithm.attributes.keys() - _KNOWN)
    if unknown:
        meant = _near(unknown[0])
        yield Problem(
            "unknown-attribute",
            f"{algorithm.name_and_owners} has the attribute {quoted(unknown[0])}, which <algorithm> does not know.",
            f"Write {meant} if that is meant, else take the attribute out." if meant else "Take the attribute out.",
            algorithm.place,
        )
    yield from _spelling(algorithm)


def _near(unknown: str) -> str | None:
    """Return the attribute that is spelled nearly so, None where there is none."""
    names = {each.lower(): each for each in sorted(_KNOWN)}
    found = get_close_matches(unknown.lower(), names, n=1, cutoff=_NEAR)
    return names[found[0]] if found else None


def _numbers(algorithm: PackAlgorithm) -> Iterator[Problem]:
    missing = [each for each in ("start", "size") if each not in algorithm.attributes]
    if missing:
        yield Problem(
            "no-range",
            f"{algorithm.name_and_owners} has no {' and no '.join(missing)}.",
            "Say with start and size which memory it programs.",
            algorithm.place,
            hosts=_PYOCD if algorithm.is_for_flm else NO_HOST,
        )
    for attribute in _NUMBERS:
        word = algorithm.attributes.get(attribute)
        if word is not None and read_number(word) is None:
            yield Problem(
                "no-number",
                f"{algorithm.name_and_owners} has {attribute}={quoted(word)}, which is no number of 32 bits.",
                "Write a decimal number, or a hexadecimal one with 0x.",
                algorithm.place,
                hosts=_PYOCD if algorithm.is_for_flm else NO_HOST,
            )


def _spelling(algorithm: PackAlgorithm) -> Iterator[Problem]:
    if "\\" in algorithm.spelled:
        yield Problem(
            "backslash",
            f"{algorithm.name_and_owners} has backslashes in its path.",
            "Write slashes, which every tool understands.",
            algorithm.place,
            severity=Severity.NOTE,
        )
    if isinstance(algorithm.lookup, Found) and not algorithm.lookup.is_spelled_so:
        yield Problem(
            "case",
            f"{algorithm.name_and_owners} is spelled in another case than the file"
            f" {short_ascii(algorithm.lookup.path)}.",
            "Spell it like the file; Linux, macOS and archives tell the cases apart.",
            algorithm.place,
            hosts=_PYOCD if algorithm.is_for_flm else NO_HOST,
        )


RULES: tuple[AnyRule, ...] = (attributes,)
