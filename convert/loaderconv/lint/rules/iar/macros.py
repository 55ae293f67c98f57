"""The macro file of a `.flash` file."""

import re
from collections.abc import Iterator, Sequence

from loaderconv.lint.rule import AnyRule, Problem, rule
from loaderconv.lint.subjects.description import NameElement
from loaderconv.lint.subjects.flash_description import FlashDescription
from loaderconv.lint.subjects.macro_file import MacroFile
from loaderconv.lint.subjects.subject import Fact
from loaderconv_formats.file_names import shown
from loaderconv_schemas.bundle import ReferenceState
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.severity import Severity

_HOOK = re.compile(r"execUserFlash\w*")

_TOUCHES_TARGET = re.compile(r"__(?:write|fill)Memory\w*|__hwReset\w*|__loadImage|__jtag\w*Write\w*|__emulatorSpeed")
"""System macros that change the target, or how it is reached."""

_SUFFIXES = {".mac": ".dmac", ".dmac": ".mac"}

_MACRO_LOADER = ("FlashInit", "FlashWrite", "FlashErase")


@rule("IAR040", Severity.WARNING, FlashDescription, needs=(Fact.MACROS,))
def macro_file_prepares_target(file: FlashDescription) -> Iterator[Problem]:
    """The macro file is there, can be read, and has a hook of the download.

    What it checks:
        macro of a loader with an executable: the file exists, is text, and has a function execUserFlash...; `.dmac`
        files count as well. What these functions do to the target, with those that they call, is a note. A file that
        lies behind a variable without a value, or outside of the folders named, is not looked for.

    Why it matters:
        What the macros set up (clocks, pins, RAM, watchdog) is a condition for the loader to work, and another host has
        to do it as well. Without a hook the file does nothing for the download. Seven public files name a macro file by
        another suffix than it has.

    Example:
        <macro>Trace_SAME51.mac</macro>, and the file is Trace_SAME51.dmac

    How to fix:
        Correct the name, add the file, or take macro out.

    Source:
        docs/formats/iar.md, Macro files; Protocol; What breaks a naive parser.
    """
    name = file.macro_name
    if name is None or file.is_macro_loader:
        return
    found = file.resolve(name.spelled)
    if found.state is ReferenceState.MISSING and name.is_portable:
        yield Problem(
            "missing",
            f"{name.element.place} names {shown(name.spelled)}, which was not found{_twin(file, name)}.",
            "Correct the name, add the file, or take macro out.",
            file.at(name.element),
        )
    elif file.macros is not None:
        yield from _content(file, name, file.macros)


def _content(file: FlashDescription, name: NameElement, macros: MacroFile) -> Iterator[Problem]:
    place, shown_name = file.at(name.element), _file_name(file, name)
    hooks = sorted(filter(_HOOK.fullmatch, macros.functions))
    if not macros.is_text:
        yield Problem(
            "encrypted",
            f"{shown_name} is no text: it is encrypted, empty or damaged, and what it does cannot be seen.",
            "Ask its author what it sets up, before the loader is used under another host.",
            place,
        )
    elif not hooks:
        others = ", ".join(sorted(each for each in macros.functions if each.startswith("execUser")))
        told = f" (it has {others})" if others else ""
        yield Problem(
            "no-hook",
            f"{shown_name} has no function execUserFlash..., so it does nothing for the download{told}.",
            "Correct the name, or take macro out.",
            place,
        )
    elif calls := _calls_on_target(macros, hooks):
        yield Problem(
            "precondition",
            f"The loader relies on what {', '.join(hooks)} of {shown_name} do to the target: {calls}.",
            "Do the same in the start-up script, where the loader is used under another host.",
            place,
            severity=Severity.NOTE,
        )


def _calls_on_target(macros: MacroFile, hooks: Sequence[str]) -> str:
    calls = macros.calls_from(hooks)
    found = sorted((each, count) for each, count in calls.items() if _TOUCHES_TARGET.fullmatch(each))
    return ", ".join(f"{count} x {each}" for each, count in found)


def _twin(file: FlashDescription, name: NameElement) -> str:
    """Return that the file exists with the other suffix, empty where it does not."""
    stem, dot, suffix = name.spelled.rpartition(".")
    other = _SUFFIXES.get(f"{dot}{suffix}".lower())
    path = None if other is None else file.resolve(stem + other).path
    return "" if path is None else f", but there is {shown(path.name)}"


def _file_name(file: FlashDescription, name: NameElement) -> str:
    path = file.resolve(name.spelled).path
    return shown(name.spelled if path is None else path.name)


@rule(
    "IAR041",
    Severity.ERROR,
    FlashDescription,
    hosts={Host.C_SPY: Verdict.REJECTED},
    needs=(Fact.MACRO_LOADER,),
)
def macro_loader_is_complete(file: FlashDescription) -> Iterator[Problem]:
    """A loader of macros (exe is MACRO) has FlashInit, FlashWrite and FlashErase in its file.

    What it checks:
        Where exe is MACRO: macro names a file, and that defines the three functions. A file that lies behind a variable
        without a value, or outside of the folders named, is not looked for.

    Why it matters:
        Such a loader has no machine code; C-SPY calls these functions instead. All seven public ones are of STM32H5 and
        STM32WL.

    Example:
        <exe>MACRO</exe>, and no <macro>

    How to fix:
        Name the macro file, and write the functions that are missing.

    Source:
        docs/formats/iar.md, Macro files.
    """
    if not file.is_macro_loader:
        return
    name = file.macro_name
    if name is None:
        yield Problem(
            "no-macro-file",
            "exe is MACRO, but no macro file is named.",
            "Add <macro> with the file that defines FlashInit, FlashWrite and FlashErase.",
            file.at(file.elements("exe")[0]),
        )
    elif file.resolve(name.spelled).state is ReferenceState.MISSING and name.is_portable:
        yield Problem(
            "missing",
            f"exe is MACRO, but {shown(name.spelled)} was not found{_twin(file, name)}.",
            "Correct the name or add the file.",
            file.at(name.element),
        )
    elif file.macros is not None and file.macros.is_text:
        missing = [each for each in _MACRO_LOADER if each not in file.macros.functions]
        if missing:
            yield Problem(
                "no-function",
                f"exe is MACRO, but {_file_name(file, name)} does not define {' and '.join(missing)}.",
                "Write the functions that are missing, or name another macro file.",
                file.at(name.element),
            )


RULES: tuple[AnyRule, ...] = (macro_file_prepares_target, macro_loader_is_complete)
