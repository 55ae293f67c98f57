"""Files of a pack are found by the names in its description, and nothing else is read."""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaderconv_formats.file_bytes import MAX_FILE_BYTES
from loaderconv_formats.pack import pack_files
from loaderconv_formats.pack.members import Absence, Found, NotFound, parts_of
from loaderconv_formats.pack.pack_files import PackFiles, open_pack_files
from loaderconv_schemas.errors import UnreadableInput
from support.fuzzing import fuzz_settings
from support.packs import pdsc_text, zipped

PDSC = pdsc_text()


@contextmanager
def archive(folder: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Iterator[PackFiles]:
    """Give the files of an archive with a description at its top."""
    path = folder / "a.pack"
    path.write_bytes(zipped({"a.pdsc": PDSC, **members}, method))
    with open_pack_files(path) as files:
        yield files


@contextmanager
def on_disk(folder: Path, members: dict[str, bytes]) -> Iterator[PackFiles]:
    """Give the files of a folder with a description."""
    for name, data in {"a.pdsc": PDSC, **members}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    with open_pack_files(folder / "a.pdsc") as files:
        yield files


@pytest.fixture(params=[archive, on_disk], ids=["archive", "folder"])
def both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PackFiles]:
    """Give the same two files either way."""
    with request.param(tmp_path, {"Flash/a.FLM": b"first", "b.FLM": b"second"}) as files:
        yield files


class TestNames:
    @pytest.mark.parametrize(
        ("spelled", "parts"),
        [
            ("Flash/a.FLM", ("Flash", "a.FLM")),
            (r" Flash\a.FLM ", ("Flash", "a.FLM")),
            ("./Flash//x/../a.FLM", ("Flash", "a.FLM")),
            ("", ()),
            ("..", None),
            ("Flash/../../a.FLM", None),
            (r"..\a.FLM", None),
            ("/a.FLM", None),
            (r"\a.FLM", None),
            ("C:/a.FLM", None),
            ("c:a.FLM", None),
            (r"\\server\share\a.FLM", None),
        ],
    )
    def test_parts(self, spelled: str, parts: tuple[str, ...] | None) -> None:
        assert parts_of(spelled) == parts

    @given(st.text(st.sampled_from("./\\aC:"), max_size=12))
    def test_parts_stay_inside(self, spelled: str) -> None:
        assert not {"..", ".", ""} & set(parts_of(spelled) or ())


class TestFinding:
    @pytest.mark.parametrize("spelled", ["Flash/a.FLM", r"Flash\a.FLM", "./b/../Flash/a.FLM"])
    def test_as_it_is_spelled(self, both: PackFiles, spelled: str) -> None:
        found = both.find(spelled)
        assert found == Found("Flash/a.FLM", is_spelled_so=True)
        assert both.read(found) == b"first"

    def test_in_another_case(self, both: PackFiles) -> None:
        found = both.find("FLASH/A.flm")
        assert found == Found("Flash/a.FLM", is_spelled_so=False)
        assert both.read(found) == b"first"

    @pytest.mark.parametrize("spelled", ["a.FLM", "Flash", "Flash/", "", ".", "Flash/a.FLM/x", "a\0b", "$X$/b.FLM"])
    def test_missing(self, both: PackFiles, spelled: str) -> None:
        found = both.find(spelled)
        assert isinstance(found, NotFound)
        assert found.absence is Absence.MISSING
        assert found.note.endswith(".")

    @pytest.mark.parametrize("spelled", ["../b.FLM", "/etc/passwd", "C:/b.FLM", "x/../../b.FLM"])
    def test_outside(self, both: PackFiles, spelled: str) -> None:
        found = both.find(spelled)
        assert isinstance(found, NotFound)
        assert found.absence is Absence.OUTSIDE

    def test_names_that_differ_in_case_only(self, tmp_path: Path) -> None:
        with archive(tmp_path, {"a.FLM": b"1", "A.FLM": b"2"}) as files:
            found = files.find("a.flm")
            assert isinstance(found, NotFound)
            assert '"A.FLM" and "a.FLM", which differ in case only' in found.note
            assert files.find("A.FLM") == Found("A.FLM", is_spelled_so=True)


class TestFolder:
    def test_link_that_leads_out(self, tmp_path: Path) -> None:
        (tmp_path / "secret").write_bytes(b"")
        pack = tmp_path / "pack"
        pack.mkdir()
        (pack / "a.FLM").symlink_to(tmp_path / "secret")
        with on_disk(pack, {}) as files:
            found = files.find("a.FLM")
        assert isinstance(found, NotFound)
        assert found.absence is Absence.OUTSIDE

    def test_folder_of_that_name(self, tmp_path: Path) -> None:
        (tmp_path / "a.FLM").mkdir()
        with on_disk(tmp_path, {}) as files:
            assert isinstance(files.find("a.FLM"), NotFound)

    def test_members_have_no_archive(self, both: PackFiles) -> None:
        found = both.find("b.FLM")
        assert isinstance(found, Found)
        assert both.full_member(found) == "b.FLM"
        assert both.description == PDSC


class TestArchive:
    def test_description_in_a_folder(self, tmp_path: Path) -> None:
        path = tmp_path / "a.pack"
        path.write_bytes(zipped({"top/a.pdsc": PDSC, "top/Flash/a.FLM": b"in", "a.FLM": b"out"}))
        with open_pack_files(path) as files:
            found = files.find("Flash/a.FLM")
            assert isinstance(found, Found)
            assert (files.description_member, files.full_member(found)) == ("top/a.pdsc", "top/Flash/a.FLM")
            assert isinstance(files.find("../a.FLM"), NotFound)
            assert isinstance(files.find("a.FLM"), NotFound)

    @pytest.mark.parametrize("name", ["../a.FLM", "/a.FLM", "C:/a.FLM", "x/../../a.FLM", "..\\a.FLM"])
    def test_member_that_lies_outside(self, tmp_path: Path, name: str) -> None:
        with archive(tmp_path, {name: b"?"}) as files:
            assert isinstance(files.find("a.FLM"), NotFound)
            assert isinstance(files.find(name), NotFound)

    def test_member_with_backslashes(self, tmp_path: Path) -> None:
        with archive(tmp_path, {"Flash\\a.FLM": b"?"}) as files:
            assert files.find("Flash/a.FLM") == Found("Flash/a.FLM", is_spelled_so=True)

    def test_folder_of_that_name(self, tmp_path: Path) -> None:
        with archive(tmp_path, {"Flash/a.FLM/": b"", "Flash/a.FLM/x": b""}) as files:
            assert isinstance(files.find("Flash/a.FLM"), NotFound)

    def test_member_that_is_there_twice(self, tmp_path: Path) -> None:
        path = tmp_path / "a.pack"
        path.write_bytes(zipped({"a.pdsc": PDSC, "a.FLM": b"1", "b.FLM": b"2"}).replace(b"b.FLM", b"a.FLM"))
        with open_pack_files(path) as files, pytest.raises(UnreadableInput, match=r'holds "a\.FLM" 2 times'):
            read(files, "a.FLM")

    def test_bomb(self, tmp_path: Path) -> None:
        with (
            archive(tmp_path, {"a.FLM": bytes(8 << 20)}) as files,
            pytest.raises(UnreadableInput, match="more than 250 times"),
        ):
            read(files, "a.FLM")

    def test_large_member(self, tmp_path: Path) -> None:
        with (
            archive(tmp_path, {"a.FLM": bytes(MAX_FILE_BYTES + 1)}, zipfile.ZIP_STORED) as files,
            pytest.raises(UnreadableInput, match=f"{MAX_FILE_BYTES + 1} bytes or more"),
        ):
            read(files, "a.FLM")

    def test_all_members_together(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pack_files, "MAX_TOTAL_BYTES", 10)
        with archive(tmp_path, {"a.FLM": b"123456", "b.FLM": b"12345", "c.FLM": b"1234"}) as files:
            assert read(files, "a.FLM") == b"123456"
            with pytest.raises(UnreadableInput, match="5 bytes or more; it is read up to 4"):
                read(files, "b.FLM")
            assert read(files, "c.FLM") == b"1234"

    @pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    def test_other_methods(self, tmp_path: Path, method: int) -> None:
        path = tmp_path / "a.pack"
        with zipfile.ZipFile(path, "w") as made:
            made.writestr("a.pdsc", PDSC)
            made.writestr("a.FLM", b"?", method)
        with open_pack_files(path) as files, pytest.raises(UnreadableInput, match="packs use deflate") as refused:
            read(files, "a.FLM")
        assert refused.value.hint

    def test_encrypted(self, tmp_path: Path) -> None:
        path = tmp_path / "a.pack"
        whole = bytearray(zipped({"a.pdsc": PDSC, "a.FLM": b"?"}))
        whole[whole.rindex(b"PK\1\2") + 8] |= 1
        path.write_bytes(whole)
        with open_pack_files(path) as files, pytest.raises(UnreadableInput, match="is encrypted"):
            read(files, "a.FLM")

    def test_damaged_member(self, tmp_path: Path) -> None:
        path = tmp_path / "a.pack"
        path.write_bytes(zipped({"a.pdsc": PDSC, "a.FLM": b"good"}, zipfile.ZIP_STORED).replace(b"good", b"evil"))
        with open_pack_files(path) as files, pytest.raises(UnreadableInput, match="damaged or incomplete"):
            read(files, "a.FLM")

    @fuzz_settings
    @given(st.data())
    def test_any_damage_is_told(self, data: st.DataObject) -> None:
        import tempfile  # noqa: PLC0415 - hypothesis and tmp_path do not go together

        whole = bytearray(zipped({"a.pdsc": PDSC, "Flash/a.FLM": b"first"}))
        for _ in range(data.draw(st.integers(1, 4))):
            whole[data.draw(st.integers(4, len(whole) - 1))] = data.draw(st.integers(0, 255))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "a.pack")
            path.write_bytes(whole)
            assert read_or_none(path) in {b"first", None}


@pytest.mark.parametrize("name", ["missing.pack", ".", "a\0b"])
def test_no_such_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnreadableInput), open_pack_files(tmp_path / name):
        pass


def read(files: PackFiles, spelled: str) -> bytes:
    """Return the bytes of a file that is there."""
    found = files.find(spelled)
    assert isinstance(found, Found)
    return files.read(found)


def read_or_none(path: Path) -> bytes | None:
    """Return the bytes of the algorithm, None where something is refused or missing."""
    try:
        with open_pack_files(path) as files:
            found = files.find("Flash/a.FLM")
            return files.read(found) if isinstance(found, Found) else None
    except UnreadableInput:
        return None
