"""The name of the file."""

import re
from collections.abc import Iterator

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.stldr import StldrFile
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity
from loaderconv_schemas.text import printable

_BUILD_PRODUCTS = (".elf", ".axf", ".out")
_ODD_CHARACTER = re.compile(r"[^A-Za-z0-9._+-]")


@rule("STL040", Severity.WARNING, StldrFile)
def file_name_is_plain(file: StldrFile) -> Iterator[Problem]:
    """The file is called NAME.stldr, in plain characters.

    What it checks:
        The suffix, and whether the rest has only letters, digits, dots, hyphens, underscores and plus signs. What a
        linker writes (.elf, .axf, .out) is a note: it is to be copied to NAME.stldr. FLM002 tells of a file that is
        called .FLM.

    Why it matters:
        CubeProgrammer lists bin/ExternalLoader/*.stldr and nothing else. With other characters in the name or in the
        path loaders were not found; public loaders have plain names.

    Example:
        W25Q128 (v2).stldr

    How to fix:
        Rename the file, and DeviceName with it.

    Source:
        docs/formats/stldr.md, Accepted and rejected; td-p/58685.
    """
    name = file.name.name
    suffix = file.name.suffix
    if suffix == ".flm":
        return
    if suffix != ".stldr":
        is_product = suffix in _BUILD_PRODUCTS
        yield Problem(
            "suffix",
            f"The file is called {printable(name)!r}; CubeProgrammer lists only files called .stldr.",
            f"Copy it to {file.name.stem}.stldr.",
            file.whole,
            severity=Severity.NOTE if is_product else None,
            hosts={} if is_product else {Host.CUBE_PROGRAMMER: Verdict.REJECTED},
        )
        return
    odd = _ODD_CHARACTER.search(name)
    if odd is not None:
        what = "a blank" if odd[0] == " " else ascii(odd[0])
        yield Problem(
            "odd-character",
            f"The name {printable(name)!r} holds {what}.",
            "Use letters, digits, dots, hyphens and underscores.",
            file.whole,
            hosts={Host.CUBE_PROGRAMMER: Verdict.LOSS},
        )


RULES: tuple[AnyRule, ...] = (file_name_is_plain,)
