"""Inspected files as text."""

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from loaderconv.report.blocks import bullets, grid, heading, plain
from loaderconv.report.loader import identity_rows, loader_blocks
from loaderconv.report.units import address_text, offset_text, size_text
from loaderconv_schemas.bundle import PassFacts, Reference, ReferenceState
from loaderconv_schemas.iar import IgnoredRange
from loaderconv_schemas.inspection import InspectedFile, InspectedPass, InspectReport

_STATE_STYLES = {ReferenceState.RESOLVED: "green", ReferenceState.BY_NAME: "green", ReferenceState.MACROS_ONLY: ""}
"""Of what came of a name; the rest needs attention."""


def inspect_report(report: InspectReport) -> RenderableType:
    """Return one block a file, and how many there were where there may be doubt."""
    blocks: list[RenderableType] = []
    for number, file in enumerate(report.files):
        blocks += [Text(), Text()] if number else []
        blocks.append(_file(file))
    if report.skipped or len(report.files) > 1:
        blocks.append(_count(report))
    return Group(*blocks)


def _count(report: InspectReport) -> Text:
    count = len(report.files)
    text = f"{count} file{'' if count == 1 else 's'}"
    return heading(f"{text}; {report.skipped} skipped, no loaders" if report.skipped else text)


def _file(file: InspectedFile) -> RenderableType:
    rows = [("Size", size_text(file.size_bytes)), ("SHA-256", file.sha256)]
    return Group(
        Text(f"{file.path}: {file.kind}", "bold", overflow="fold"),
        *(_only_pass(rows, file.passes[0]) if len(file.passes) == 1 else _passes(rows, file.passes)),
        *_references(file.references),
        *bullets("Never programmed", _ignored(file.ignored)),
        *bullets("What was odd about the files", [f"{each.message} [{each.code}]" for each in file.notices], "yellow"),
    )


def _only_pass(rows: list[tuple[str, str]], only: InspectedPass) -> list[RenderableType]:
    rows = rows + _pass_rows(only)
    if only.loader is None:
        return [grid([*rows, ("Loader", "could not be read")])]
    return [grid(rows + identity_rows(only.loader)), *loader_blocks(only.loader)]


def _passes(rows: list[tuple[str, str]], passes: tuple[InspectedPass, ...]) -> list[RenderableType]:
    blocks: list[RenderableType] = [grid([*rows, ("Passes", str(len(passes)))])]
    loaders = [each.loader for each in passes]
    for number, each in enumerate(passes):
        title = heading(f"Pass {number + 1} of {len(passes)}{_loader_name(each)}", "underline")
        first = loaders.index(each.loader)
        if each.loader is not None and first < number:
            blocks += [title, grid([*_pass_rows(each), ("Loader", f"as in pass {first + 1}")])]
        else:
            blocks += [title, *_only_pass([], each)]
    return blocks


def _loader_name(of: InspectedPass) -> str:
    if of.loader is None:
        return ""
    return f": {of.loader.identity.name if of.loader.device is None else of.loader.device.name}"


def _pass_rows(facts: PassFacts) -> list[tuple[str, str]]:
    rows = []
    if facts.range is not None:
        rows.append(("Range", str(facts.range)))
    if facts.address_delta:
        rows.append(("Offset", f"{offset_text(facts.address_delta)} is added to addresses"))
    if facts.absolute_start is not None:
        rows.append(("Start", f"the lowest address goes to {address_text(facts.absolute_start)}"))
    if facts.loader_offset is not None:
        rows.append(("Loader at", address_text(facts.loader_offset)))
    rows += [("" if number else "Arguments", text) for number, text in enumerate(facts.args)]
    return rows + [("Left alone", text) for text in _ignored(facts.ignored)]


def _ignored(ranges: tuple[IgnoredRange, ...]) -> list[str]:
    return [f"{each.kind} {each.range}" for each in ranges]


def _references(references: tuple[Reference, ...]) -> list[RenderableType]:
    """Return one paragraph a name; long paths get all the width there is."""
    blocks: list[RenderableType] = [heading("Files")] if references else []
    for reference in dict.fromkeys(references):
        style = _STATE_STYLES.get(reference.state, "yellow")
        blocks.append(_line(f"{reference.role}: {reference.spelled}", indent=2))
        blocks += [_line(text, indent=4, style=style) for text in _outcome(reference)]
    return blocks


def _outcome(reference: Reference) -> list[str]:
    """Return what came of a name, the path only once."""
    note = [] if reference.note is None else [reference.note]
    if reference.path is None:
        return [str(reference.state), *note]
    if reference.path in "".join(note):
        return note
    return [f"{reference.state}: {reference.path}", *note]


def _line(text: str, *, indent: int, style: str = "") -> RenderableType:
    return Padding(plain(text, style), (0, 0, 0, indent))
