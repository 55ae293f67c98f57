"""The file that `<algorithm>` names."""

from collections.abc import Iterator

from loaderconv.lint.rule import NO_HOST, AnyRule, Problem, rule
from loaderconv.lint.subjects.pack import PackAlgorithm
from loaderconv.lint.subjects.stldr import StldrFile
from loaderconv_formats.pack.members import Absence, NotFound
from loaderconv_schemas.errors import LoaderConvError
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity

_HOSTS = dict.fromkeys((Host.UVISION, Host.PYOCD, Host.PROBE_RS), Verdict.LOSS)
"""Those that take algorithms of style Keil, and no others."""


@rule(
    "FLM063",
    Severity.ERROR,
    PackAlgorithm,
    hosts=_HOSTS,
)
def algorithm_is_there(algorithm: PackAlgorithm) -> Iterator[Problem]:
    """The file that <algorithm> names is there, and is a flash algorithm.

    What it checks:
        name stands for a file of the pack, whatever its case; the file is an FLM where style is Keil (the default),
        and a .flash file of IAR where style is IAR. What an FLM lacks is told of the FLM itself. Names that lead out of
        the pack are not followed.

    Why it matters:
        Whoever chooses that chip gets no algorithm. A stldr under the name of an FLM
        (MX25LM51245G_STM32L4R9I-DISCO-KEIL.FLM in the STM32L4 pack) has none of the routines that hosts call; pyOCD
        stops with an exception.

    Example:
        <algorithm name="Flash/STM32X.FLM" .../>  <!-- the file is Flash/STM32X_1M.FLM -->

    How to fix:
        Put the file into the pack, correct its name, or take the element out.

    Source:
        docs/formats/flm.md, What a pack says; docs/formats/flm.md, What breaks a naive parser.
    """
    hosts = _HOSTS if algorithm.is_for_flm else NO_HOST
    found, target = algorithm.lookup, algorithm.target
    if not algorithm.spelled:
        yield Problem(
            "no-name",
            f"The <algorithm> of {algorithm.owners} names no file.",
            "Name the file in the attribute name.",
            algorithm.place,
            hosts=hosts,
        )
    elif isinstance(found, NotFound) and found.absence is Absence.OUTSIDE:
        yield Problem(
            "outside",
            f"{algorithm.name_and_owners} leads out of the pack.",
            "Put the file into the pack, and name it from the folder of the .pdsc file on.",
            algorithm.place,
            hosts=hosts,
        )
    elif isinstance(found, NotFound):
        yield Problem(
            "missing",
            f"{algorithm.name_and_owners} is not in the pack.",
            "Put the file into the pack, or correct its name.",
            algorithm.place,
            hosts=hosts,
        )
    elif isinstance(target, LoaderConvError):
        yield Problem(
            "unreadable",
            f"{algorithm.name_and_owners} is no flash algorithm: {target.message.rstrip('.')}.",
            "Put the flash algorithm there.",
            algorithm.place,
            hosts=hosts,
        )
    elif algorithm.is_for_flm and isinstance(target, StldrFile):
        yield Problem(
            "other-loader",
            f"{algorithm.name_and_owners} is no flash algorithm but {target.kind}.",
            "Put the flash algorithm there; loaderconv stldr-to-flm makes one of a stldr.",
            algorithm.place,
            hosts=hosts,
        )


RULES: tuple[AnyRule, ...] = (algorithm_is_there,)
