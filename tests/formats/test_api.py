"""`loaderconv.read` and `loaderconv.write`, as the README shows them."""

import shutil
from pathlib import Path

import pytest

import loaderconv
from loaderconv_schemas.bundle import Bundle
from loaderconv_schemas.errors import ConversionRefused, OutputNotWritten
from loaderconv_schemas.iar import IarSettings
from support.paths import FIXTURES

STRICT = FIXTURES / "iar/config/flashloader/Strict"
SINGLE_FILES = sorted(path for path in FIXTURES.iterdir() if path.is_file())


def meaning(bundle: Bundle) -> tuple[object, ...]:
    """Return what a bundle says, without the places of its files.

    Of a loader, the descriptor's bytes and place are left out, because a new file has them in canonical form; what they
    say is in the device. What was odd about the old form is gone with it.
    """
    passes = [
        (
            each.model_copy(update={"loader": None}),
            None
            if each.loader is None
            else each.loader.model_copy(update={"notices": (), "segments": each.loader.image_segments}),
        )
        for each in bundle.passes
    ]
    return passes, bundle.ignored


@pytest.mark.parametrize("path", SINGLE_FILES, ids=lambda path: path.name)
def test_a_single_file_reads_back_equal(path: Path, tmp_path: Path) -> None:
    before = loaderconv.read(path)
    written = loaderconv.write(before, tmp_path / path.name)
    assert written == (tmp_path / path.name,)
    assert meaning(loaderconv.read(written[0])) == meaning(before)


@pytest.mark.parametrize("name", ["strict_iar.board", "strict_iar_relocatable.board"])
def test_a_board_reads_back_equal_with_all_its_files(name: str, tmp_path: Path) -> None:
    before = loaderconv.read(STRICT / name)
    written = loaderconv.write(before, tmp_path / name)
    stem = Path(name).stem
    assert [path.name for path in written] == [name, f"{stem}.flash", f"{stem}.out"]
    assert meaning(loaderconv.read(written[0])) == meaning(before)


def test_an_iar_loader_brings_its_description(tmp_path: Path) -> None:
    loader = loaderconv.read(STRICT / "strict_iar.board").loaders[0]
    written = loaderconv.write(loader, tmp_path / "strict_iar.out")
    assert [path.name for path in written] == ["strict_iar.out", "strict_iar.flash"]
    assert loaderconv.read(written[0]).loaders == (loader,)


def test_a_flash_may_be_named_as_well(tmp_path: Path) -> None:
    loader = loaderconv.read(STRICT / "strict_iar.board").loaders[0]
    written = loaderconv.write(loader, tmp_path / "strict_iar.flash")
    assert [path.name for path in written] == ["strict_iar.flash", "strict_iar.out"]
    assert loaderconv.read(written[0]).loaders == (loader,)


def test_an_executable_without_description_stays_alone(tmp_path: Path) -> None:
    before = loaderconv.read(STRICT / "strict_iar_overlay.out")
    (written,) = loaderconv.write(before, tmp_path / "strict_iar_overlay.out")
    assert meaning(loaderconv.read(written)) == meaning(before)


def test_another_name_is_what_the_description_refers_to(tmp_path: Path) -> None:
    loader = loaderconv.read(STRICT / "strict_iar.board").loaders[0]
    written = loaderconv.write(loader, tmp_path / "renamed.out")
    (again,) = loaderconv.read(written[1]).loaders
    assert isinstance(again.iar_settings, IarSettings)
    assert again.iar_settings.executable == "$PROJ_DIR$\\renamed.out"
    assert again.segments == loader.segments


def test_a_pass_without_loader_is_refused_and_writes_nothing(tmp_path: Path) -> None:
    shutil.copy(STRICT / "strict_iar.board", tmp_path / "in.board")
    with pytest.raises(ConversionRefused, match="has no loader"):
        loaderconv.write(loaderconv.read(tmp_path / "in.board"), tmp_path / "out.board")
    assert [path.name for path in tmp_path.iterdir()] == ["in.board"]


def test_one_file_that_cannot_be_written_leaves_none(tmp_path: Path) -> None:
    """`strict_iar.flash` is a folder, so only two of three files could be put in place."""
    (tmp_path / "strict_iar.flash").mkdir()
    with pytest.raises(OutputNotWritten, match=r"strict_iar\.flash"):
        loaderconv.write(loaderconv.read(STRICT / "strict_iar.board"), tmp_path / "out.board")
    assert [path.name for path in tmp_path.iterdir()] == ["strict_iar.flash"]
