"""`loaderconv.read` and `loaderconv.write`, as the README shows them."""

import shutil
from pathlib import Path

import pytest

import loaderconv
from loaderconv_schemas.bundle import Bundle
from loaderconv_schemas.errors import ConversionRefused, OutputNotWritten, UnreadableInput, UsageProblem
from loaderconv_schemas.iar import IarSettings
from loaderconv_schemas.loader import Flavour, Loader
from support.command import snapshot
from support.desk import on_posix
from support.paths import FIXTURES

STRICT = FIXTURES / "iar/config/flashloader/Strict"
SINGLE_FILES = sorted(path for path in FIXTURES.iterdir() if path.is_file())


def meaning(bundle: Bundle) -> tuple[object, ...]:
    """Return what a bundle says, without the places of its files.

    Of a loader, the descriptor's bytes and place are left out, because a new file has them in canonical form; what they
    say is in the device. What was odd about the old form is gone with it, and new files have names of their own.
    """
    return [(each.model_copy(update={"loader": None}), content(each.loader)) for each in bundle.passes], bundle.ignored


def content(loader: Loader | None) -> Loader | None:
    """Return a loader as far as a new file has to say the same."""
    if loader is None:
        return None
    identity = loader.identity.model_copy(update={"name": ""})
    device = loader.device
    if loader.flavour is Flavour.IAR and device is not None:
        device = device.model_copy(update={"name": ""})
    settings = loader.iar_settings and loader.iar_settings.model_copy(update={"executable": ""})
    return loader.model_copy(
        update={
            "notices": (),
            "segments": loader.image_segments,
            "identity": identity,
            "device": device,
            "iar_settings": settings,
        }
    )


@pytest.mark.parametrize("path", SINGLE_FILES, ids=lambda path: path.name)
def test_a_single_file_reads_back_equal(path: Path, tmp_path: Path) -> None:
    before = loaderconv.read(path)
    written = loaderconv.write(before, tmp_path / path.name)
    assert written == (tmp_path / path.name,)
    assert meaning(loaderconv.read(written[0])) == meaning(before)


@pytest.mark.parametrize("name", ["strict_iar.board", "strict_iar_relocatable.board"])
def test_a_board_reads_back_equal_with_all_its_files(name: str, tmp_path: Path) -> None:
    before = loaderconv.read(STRICT / name)
    written = loaderconv.write(before, tmp_path / "new.board")
    assert [path.name for path in written] == ["new.board", "new.flash", "new.out"]
    assert meaning(loaderconv.read(written[0])) == meaning(before)


@pytest.mark.parametrize("suffix", ["out", "OUT", "elf"])
def test_whichever_file_was_read_the_suffix_says_what_is_written(suffix: str, tmp_path: Path) -> None:
    for source in ("out", "flash", "board"):
        bundle = loaderconv.read(STRICT / f"strict_iar.{source}")
        folder = tmp_path / source
        folder.mkdir()
        program, description = loaderconv.write(bundle, folder / f"new.{suffix}")
        assert (program.name, description.name) == (f"new.{suffix}", "new.flash")
        assert program.read_bytes().startswith(b"\x7fELF")
        assert content(loaderconv.read(description).loaders[0]) == content(bundle.loaders[0])


def test_a_flash_may_be_named_as_well(tmp_path: Path) -> None:
    loader = loaderconv.read(STRICT / "strict_iar.board").loaders[0]
    written = loaderconv.write(loader, tmp_path / "new.Flash")
    assert [path.name for path in written] == ["new.Flash", "new.out"]
    assert content(loaderconv.read(written[0]).loaders[0]) == content(loader)


def test_a_board_of_one_pass_that_says_nothing(tmp_path: Path) -> None:
    loader = loaderconv.read(STRICT / "strict_iar.board").loaders[0]
    written = loaderconv.write(loader, tmp_path / "new.board")
    assert written[0].read_bytes().startswith(b"<?xml")
    assert content(loaderconv.read(written[0]).loaders[0]) == content(loader)


def test_two_loaders_of_one_board_get_two_names(tmp_path: Path) -> None:
    first = loaderconv.read(STRICT / "strict_iar.board")
    second = loaderconv.read(STRICT / "strict_iar_relocatable.board")
    both = Bundle(passes=(*first.passes, *second.passes))
    written = loaderconv.write(both, tmp_path / "new.board")
    assert [path.name for path in written] == ["new.board", "new.flash", "new.out", "new_2.flash", "new_2.out"]
    assert meaning(loaderconv.read(written[0])) == meaning(both)
    with pytest.raises(ConversionRefused, match="2 loaders"):
        loaderconv.write(both, tmp_path / "new.out")


def test_an_executable_without_description_stays_alone(tmp_path: Path) -> None:
    before = loaderconv.read(STRICT / "strict_iar_overlay.out")
    (written,) = loaderconv.write(before, tmp_path / "strict_iar_overlay.out")
    assert meaning(loaderconv.read(written)) == meaning(before)


def test_a_description_never_refers_to_the_vendor_s_executable(tmp_path: Path) -> None:
    loader = loaderconv.read(STRICT / "strict_iar.board").loaders[0]
    written = loaderconv.write(loader, tmp_path / "strict_iar.out")
    (again,) = loaderconv.read(written[1]).loaders
    assert isinstance(again.iar_settings, IarSettings)
    assert again.iar_settings.executable == "$PROJ_DIR$\\strict_iar.out"


def test_files_that_were_not_named_are_not_replaced(tmp_path: Path) -> None:
    shutil.copytree(STRICT, tmp_path, dirs_exist_ok=True)
    bundle = loaderconv.read(tmp_path / "strict_iar.board")
    before = snapshot(tmp_path)
    with pytest.raises(UsageProblem, match=r"strict_iar\.out exists"):
        loaderconv.write(bundle, tmp_path / "strict_iar.flash")
    assert snapshot(tmp_path) == before
    loaderconv.write(bundle, tmp_path / "strict_iar.flash", replace_others=True)
    assert (tmp_path / "strict_iar.out").read_bytes() != (STRICT / "strict_iar.out").read_bytes()
    loaderconv.write(bundle, tmp_path / "strict_iar.flash")


@pytest.mark.parametrize(
    ("source", "name", "words"),
    [
        ("strict_flm.FLM", "x.stldr", "stands for an STM32Cube external loader"),
        ("strict_flm.FLM", "x.out", "stands for an IAR flash loader"),
        ("strict_flm.FLM", "x.flash", "stands for an IAR flash description"),
        ("iar/config/flashloader/Strict/strict_iar.out", "x.FLM", "stands for a Keil flash algorithm"),
        ("strict_flm.FLM", "", "no file name"),
    ],
)
def test_names_that_cannot_be_meant(source: str, name: str, words: str, tmp_path: Path) -> None:
    bundle = loaderconv.read(FIXTURES / source)
    with pytest.raises(UsageProblem, match=words):
        loaderconv.write(bundle, tmp_path / name if name else Path("/"))
    assert list(tmp_path.iterdir()) == []


def test_other_flavours_have_no_board(tmp_path: Path) -> None:
    with pytest.raises(ConversionRefused, match=r"which no \.board can name"):
        loaderconv.write(loaderconv.read(FIXTURES / "strict_flm.FLM"), tmp_path / "x.board")


@pytest.mark.parametrize("name", ["nul\0.FLM", "\ud800.FLM"])
def test_names_that_no_file_system_takes(name: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput):
        loaderconv.read(tmp_path / name)
    with pytest.raises(OutputNotWritten):
        loaderconv.write(loaderconv.read(FIXTURES / "strict_flm.FLM"), tmp_path / name)


@on_posix
def test_a_link_to_itself_is_no_place(tmp_path: Path) -> None:
    (tmp_path / "loop.FLM").symlink_to("loop.FLM")
    with pytest.raises(OutputNotWritten):
        loaderconv.write(loaderconv.read(FIXTURES / "strict_flm.FLM"), tmp_path / "loop.FLM")


def test_a_pass_without_loader_is_refused_and_writes_nothing(tmp_path: Path) -> None:
    shutil.copy(STRICT / "strict_iar.board", tmp_path / "in.board")
    with pytest.raises(ConversionRefused, match="has no loader"):
        loaderconv.write(loaderconv.read(tmp_path / "in.board"), tmp_path / "out.board")
    assert [path.name for path in tmp_path.iterdir()] == ["in.board"]


def test_one_file_that_cannot_be_written_leaves_none(tmp_path: Path) -> None:
    (tmp_path / "out.flash").mkdir()
    with pytest.raises(OutputNotWritten, match=r"out\.flash"):
        loaderconv.write(loaderconv.read(STRICT / "strict_iar.board"), tmp_path / "out.board", replace_others=True)
    assert [path.name for path in tmp_path.iterdir()] == ["out.flash"]


def test_a_move_that_fails_takes_the_others_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file that refers is moved last; the new ones that it would refer to go with it."""
    replace = Path.replace

    def failing(self: Path, target: Path) -> Path:
        if target.name == "out.board":
            raise PermissionError(13, "another program holds it open")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(OutputNotWritten, match=r"out\.board.*another program"):
        loaderconv.write(loaderconv.read(STRICT / "strict_iar.board"), tmp_path / "out.board")
    assert list(tmp_path.iterdir()) == []
