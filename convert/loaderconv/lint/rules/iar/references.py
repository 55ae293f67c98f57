"""The names that IAR files have for each other."""

from collections.abc import Iterator

from loaderconv.lint.rule import NO_HOST, AnyRule, Problem, rule
from loaderconv.lint.subjects.description import Description, NameElement
from loaderconv.lint.subjects.flash_description import FlashDescription
from loaderconv.lint.subjects.iar_program import IarProgram
from loaderconv_formats.file_names import shown
from loaderconv_formats.references.resolver import Resolution
from loaderconv_formats.references.search import option_for
from loaderconv_formats.references.spelled_path import parse_spelled
from loaderconv_schemas.bundle import FileRole, ReferenceState
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity

_HOME_FOLDERS = frozenset({"users", "home", "documents and settings"})

_FIXES_IF_MISSING = {
    FileRole.EXECUTABLE: "Correct the name or add the file, which git ignores in many repositories (*.out).",
    FileRole.FLASH: "Correct the name or add the file.",
}


@rule("IAR030", Severity.ERROR, Description, hosts={Host.C_SPY: Verdict.REJECTED})
def references_resolve(file: Description) -> Iterator[Problem]:
    """The executable and the .flash files that are named exist and are what they should be.

    What it checks:
        exe of a `.flash`, unless it is MACRO, and loader of each pass: the file is there and is a loader's executable,
        or a `.flash`. A name in other upper or lower case is a warning. A variable such as $TOOLKIT_DIR$ that nobody
        gave a value is a note where no file of that name lies near, and so is a name that leads out of the folders
        named; neither is an error. IAR031 and IAR040 tell of absolute paths, placeholders and macro files.

    Why it matters:
        C-SPY cannot start a loader that it does not find. Of 825 public passes 22 lead nowhere, of 500 exe 48; most of
        the latter because git ignores *.out. Names in other case break on case-sensitive file systems.

    Example:
        <exe>FlashX.out</exe> where the folder has FlashY.out

    How to fix:
        Correct the name, add the file, or say with --toolkit-dir or --define what the variable stands for.

    Source:
        docs/formats/iar.md, The .board file; Protocol.
    """
    for name in file.names:
        if name.role is FileRole.MACRO or not name.is_portable:
            continue
        found = file.resolve(name.spelled)
        yield from _of_state(file, name, found)
        if found.path is not None and not _is_what_it_should_be(file, name):
            wanted = "a .flash file" if name.role is FileRole.FLASH else "the executable of a loader"
            reason = file.why_unread(name.spelled) or f"{shown(found.path.name)} is something else."
            yield Problem(
                "unreadable",
                f"{_names(name)}, which is not {wanted} that can be read: {_after_colon(reason)}",
                "Put the right file there, or correct the name.",
                file.at(name.element),
            )


def _of_state(file: Description, name: NameElement, found: Resolution) -> Iterator[Problem]:
    place, reason = file.at(name.element), _reason(found)
    match found.state:
        case ReferenceState.RESOLVED if found.note is not None:
            yield Problem(
                "case",
                f"{_names(name)}, but the file is spelled otherwise: {reason}",
                "Spell the name as the file's.",
                place,
                severity=Severity.WARNING,
                hosts=NO_HOST,
            )
        case ReferenceState.MISSING:
            fix = _FIXES_IF_MISSING[name.role]
            yield Problem("missing", f"{_names(name)}, which was not found: {reason}", fix, place)
        case ReferenceState.UNREADABLE:
            fix = "Give yourself the right to read it."
            yield Problem("unreadable", f"{_names(name)}, which cannot be read: {reason}", fix, place, hosts=NO_HOST)
        case ReferenceState.UNMAPPED:
            option = option_for(parse_spelled(name.spelled).variable or "")
            advice = f"; give the folder with {option}."
            yield Problem(
                "unmapped",
                f"{_names(name)}, which was not looked up: {reason.removesuffix(advice).rstrip('.')}.",
                f"Give the folder with {option}.",
                place,
                severity=Severity.NOTE,
                hosts=NO_HOST,
            )
        case ReferenceState.OUTSIDE:
            yield Problem(
                "outside",
                f"{_names(name)}, which was not looked up: {reason}",
                "Name that folder as well, or allow it with --follow.",
                place,
                severity=Severity.NOTE,
                hosts=NO_HOST,
            )


def _is_what_it_should_be(file: Description, name: NameElement) -> bool:
    wanted = FlashDescription if name.role is FileRole.FLASH else IarProgram
    return isinstance(file.companion(name.spelled), wanted)


def _names(name: NameElement) -> str:
    return f"{name.element.place} names {shown(name.spelled)}"


def _reason(found: Resolution) -> str:
    """Return the resolver's sentence so that it can follow a colon."""
    return _after_colon(found.note or "nothing is known of it.")


def _after_colon(sentence: str) -> str:
    starts_with_word = sentence[1:2].islower() or sentence[1:2] == " "
    return sentence[:1].lower() + sentence[1:] if starts_with_word else sentence


@rule("IAR031", Severity.WARNING, Description)
def names_are_portable(file: Description) -> Iterator[Problem]:
    r"""Files are named by variables or relative paths, with everything filled in.

    What it checks:
        exe, macro and loader: no drive, share or leading separator, and nothing in braces that waits to be filled in,
        which is an error. ${CMSIS_PACK_PATH_Vendor#Pack#Version}$ is a variable of IAR.

    Why it matters:
        An absolute path exists on the author's machine only, and tells the user's name where it leads into a home
        folder. No file is called {SAMPLE_DEPTH}; a pack was released with that.

    Example:
        <exe>C:\Users\me\loaders\FlashX.out</exe>

    How to fix:
        Begin the name with $TOOLKIT_DIR$ or $PROJ_DIR$, or make it relative; fill the braces in.

    Source:
        docs/formats/iar.md, The .board file; What breaks a naive parser.
    """
    for name in file.names:
        place, path = file.at(name.element), parse_spelled(name.spelled)
        if name.placeholder is not None:
            yield Problem(
                "placeholder",
                f"{_names(name)}, in which {name.placeholder} was never filled in.",
                f"Put into the name what {name.placeholder} stands for.",
                place,
                severity=Severity.ERROR,
                hosts={Host.C_SPY: Verdict.REJECTED},
            )
        elif path.anchor and {each.casefold() for each in path.components[:1]} & _HOME_FOLDERS:
            yield Problem(
                "home-folder",
                f"{_names(name)}, a path into somebody's home folder.",
                "Begin it with $TOOLKIT_DIR$ or $PROJ_DIR$, or make it relative.",
                place,
            )
        elif path.anchor:
            yield Problem(
                "absolute-path",
                f"{_names(name)}, a path that other machines do not have.",
                "Begin it with $TOOLKIT_DIR$ or $PROJ_DIR$, or make it relative.",
                place,
            )


RULES: tuple[AnyRule, ...] = (references_resolve, names_are_portable)
