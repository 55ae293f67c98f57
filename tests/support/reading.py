"""What becomes of bytes that are handed to the readers: a loader, or the one error that is allowed."""

from loaderconv_formats.loader_file import LoaderFile, parse_loader
from loaderconv_schemas.entry_point import Routine
from loaderconv_schemas.errors import ExitCode, UnreadableInput
from loaderconv_schemas.loader import Loader
from loaderconv_schemas.memory import Part, Segment
from support.flm_builder import build
from support.flm_recipe import FlmRecipe


def loader_of(recipe: FlmRecipe) -> Loader:
    """Return what the reader makes of a recipe."""
    return parse_loader(build(recipe), "built").loader


def segment(loader: Loader, part: Part) -> Segment:
    """Return the only segment of a part."""
    (found,) = (each for each in loader.segments if each.part is part)
    return found


def notice_codes(loader: Loader) -> list[str]:
    """Return the codes of what the reader noticed."""
    return [notice.code for notice in loader.notices]


def routine_address(loader: Loader, routine: Routine) -> int:
    """Return where a routine that the loader must have starts."""
    entry = loader.entry_point(routine)
    assert entry is not None
    return entry.address


def read_or_refusal(data: bytes) -> LoaderFile | UnreadableInput:
    """Return the loader or the refusal; everything else that the reader raises goes on to the test."""
    try:
        return parse_loader(data, "damaged")
    except UnreadableInput as refusal:
        outcome = refusal
    assert outcome.message, "a refusal without a sentence"
    assert outcome.hint, "a refusal without a hint"
    assert outcome.exit_code == ExitCode.UNREADABLE
    return outcome
