"""Code that is not in the file."""

from collections.abc import Iterator

from loaderconv.lint.code.places import function_at
from loaderconv.lint.code.values import Known
from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.flm import FlmFile
from loaderconv.lint.subjects.subject import Fact
from loaderconv_schemas.severity import Severity


@rule("FLM074", Severity.NOTE, FlmFile, needs=(Fact.SYMBOLS,))
def has_all_its_code(file: FlmFile) -> Iterator[Problem]:
    """All code that the algorithm calls is in the file.

    What it checks:
        Calls through constant addresses below 0x20000000 at which the file loads nothing, directly or through a pointer
        that lies there: the chip's mask ROM. Pointers in variables are not followed, nor those of which code takes one
        or the other, so there may be more calls than the message counts.

    Why it matters:
        The algorithm works on chips with that ROM only: 24 of 428 public FLMs call NXP's ROM API or Synwit's. An
        emulator or another chip of the family has other code there, or none, and the call is a fault.

    Example:
        #define FLASH_API_TREE ((bootloader_tree_t *) 0x1302FC00)

    How to fix:
        Nothing, if the pack lists the algorithm for chips with this ROM only. An emulator needs a copy of the ROM.

    Source:
        docs/formats/flm.md, What real files look like.
    """
    calls = file.code.rom_calls
    if calls:
        first = min(calls)
        way = "at" if first.value.how is Known.EXACT else "through a pointer at"
        count = len({call.address for call in calls})
        others = f" (and in at least {count - 1} more places)" if count > 1 else ""
        yield Problem(
            "mask-rom",
            f"{function_at(file, first.address)} calls code {way} 0x{first.value.number:08x}, which the file lacks, "
            f"at 0x{first.address:08x}{others}.",
            "See to it that only chips with this ROM get the algorithm.",
            file.at_address(first.address),
        )


RULES: tuple[AnyRule, ...] = (has_all_its_code,)
