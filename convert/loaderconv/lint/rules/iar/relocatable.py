"""The three signs of a relocatable loader, in three files."""

from collections.abc import Iterator

from loaderconv.lint.rule import NO_HOST, AnyRule, Problem, rule
from loaderconv.lint.subjects.board_description import BoardDescription, PassElement
from loaderconv.lint.subjects.description import Description
from loaderconv.lint.subjects.flash_description import FlashDescription
from loaderconv.lint.subjects.iar_program import IarProgram
from loaderconv.lint.subjects.subject import Fact
from loaderconv_formats.xml.document import BLANKS
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity


@rule("IAR036", Severity.ERROR, Description, hosts={Host.C_SPY: Verdict.LOSS}, needs=(Fact.REFERENCED,))
def relocatable_signs_agree(file: Description) -> Iterator[Problem]:
    """relocatable_exe, loader_offset and FlashPreInitEntry come together; it is linked at 0.

    What it checks:
        A `.flash` file against its executable: relocatable_exe is 1 where that has FlashPreInitEntry, and only there,
        and its lowest address is 0. A `.board` file against its `.flash` files: a pass has loader_offset where its
        `.flash` is relocatable, and only there. What was not found is not compared.

    Why it matters:
        C-SPY puts a relocatable loader at loader_offset and runs FlashPreInitEntry, which derives r9 and sp from where
        it is. With one of the three missing, the loader runs with a wrong stack or reads its variables elsewhere. All
        seven public passes of this kind have all three.

    Example:
        <relocatable_exe>1</relocatable_exe>, and no <loader_offset> in the pass

    How to fix:
        Add what is missing, or take the others out.

    Source:
        docs/formats/iar.md, Relocatable loaders.
    """
    if isinstance(file, FlashDescription) and file.executable is not None:
        yield from _executable(file, file.executable)
    elif isinstance(file, BoardDescription):
        for each in file.passes:
            if each.flash is not None:
                yield from _pass(file, each, each.flash)


def _executable(file: FlashDescription, program: IarProgram) -> Iterator[Problem]:
    says_so, name = _is_relocatable(file), program.name.name
    has_entry = any(entry.routine is Routine.PRE_INIT for entry in program.entries)
    place = file.at((*file.elements("relocatable_exe"), *file.elements("exe"))[0])
    start = min((s.address for s in program.image.load_segments if s.data), default=0)
    if says_so and not has_entry:
        yield Problem(
            "no-pre-init",
            f"relocatable_exe is 1, but {name} has no FlashPreInitEntry.",
            "Build the executable as a relocatable loader, or take relocatable_exe out.",
            place,
        )
    elif has_entry and not says_so:
        yield Problem(
            "not-declared",
            f"{name} has FlashPreInitEntry, but relocatable_exe is not 1.",
            "Add <relocatable_exe>1</relocatable_exe>.",
            place,
            hosts=NO_HOST,
        )
    elif says_so and start:
        yield Problem(
            "not-linked-at-0",
            f"relocatable_exe is 1, but {name} is linked at 0x{start:08x}.",
            "Link the executable at 0.",
            place,
        )


def _pass(file: BoardDescription, each: PassElement, flash: FlashDescription) -> Iterator[Problem]:
    offsets = [found for found in file.elements("loader_offset", within=each.element) if found.text.strip(BLANKS)]
    if _is_relocatable(flash) and not offsets:
        yield Problem(
            "no-loader-offset",
            f"{flash.name.name} is relocatable, but pass {each.number} has no loader_offset.",
            "Add <loader_offset> with the RAM address at which the loader is to run.",
            file.at(each.element),
        )
    elif offsets and not _is_relocatable(flash):
        yield Problem(
            "not-relocatable",
            f"Pass {each.number} has loader_offset, but {flash.name.name} is not relocatable.",
            "Take loader_offset out, or set relocatable_exe to 1 where the executable is built so.",
            file.at(offsets[0]),
        )


def _is_relocatable(file: FlashDescription) -> bool:
    return file.text("relocatable_exe") == "1"


RULES: tuple[AnyRule, ...] = (relocatable_signs_agree,)
