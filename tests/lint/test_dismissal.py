"""What somebody decided to live with is taken away, and nothing else; decisions without a finding are told of."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from loaderconv.lint.baseline import read_baseline, write_baseline
from loaderconv.lint.dismissal import Decisions, dismiss
from loaderconv.lint.selection import Selection
from loaderconv_schemas.errors import ExitCode, OutputNotWritten, UsageProblem
from loaderconv_schemas.lint import Dismissed, Finding, LintedFile, SkippedRule, UnusedEntry
from loaderconv_schemas.settings import FileIgnore, LintSettings
from support.command import snapshot
from support.lint_reports import CLEAN, ELEMENT, FIELD, WHOLE, crash, finding, linted

ALL = Selection()
SIZE = finding("STL009")
NAME = finding("STL020", code="name", place=FIELD)


def ignore(path: str, *rules: str) -> FileIgnore:
    return FileIgnore(path=path, rules=rules, reason="Known since 2019.")


def by_ignores(
    folder: Path, files: Sequence[LintedFile], *ignores: FileIgnore, selection: Selection = ALL
) -> tuple[tuple[LintedFile, ...], tuple[UnusedEntry, ...]]:
    decisions = Decisions.of(LintSettings(per_file_ignores=ignores), folder / "loaderconv.toml")
    return dismiss(files, decisions, selection)


def by_baseline(
    path: Path, files: Sequence[LintedFile], selection: Selection = ALL
) -> tuple[tuple[LintedFile, ...], tuple[UnusedEntry, ...]]:
    return dismiss(files, Decisions.of(LintSettings(baseline=path), None), selection)


def at(folder: Path, name: str, *findings: Finding, **changes: object) -> LintedFile:
    return linted(str(folder / name), *findings, **changes)


def test_nothing_is_decided() -> None:
    files = (linted("a.stldr", SIZE), CLEAN)
    assert dismiss(files, Decisions.of(LintSettings(), None), ALL) == (files, ())


class TestFileIgnores:
    def test_only_named_rules_of_fitting_files(self, tmp_path: Path) -> None:
        inside, outside = at(tmp_path, "vendor/a.stldr", SIZE, NAME), at(tmp_path, "own/a.stldr", SIZE)
        kept, unused = by_ignores(tmp_path, [inside, outside], ignore("vendor/**", "stl009"))
        assert [each.findings for each in kept] == [(NAME,), (SIZE,)]
        assert [each.dismissed for each in kept] == [Dismissed(ignored=1), Dismissed()]
        assert kept[1] is outside
        assert unused == ()

    def test_verdicts_stay(self, tmp_path: Path) -> None:
        file = at(tmp_path, "a.stldr", SIZE, dismissed=Dismissed(ignored=2, baseline=1))
        ((kept,), _) = by_ignores(tmp_path, [file], ignore("*.stldr", "STL"))
        assert kept == file.model_copy(update={"findings": (), "dismissed": Dismissed(ignored=3, baseline=1)})

    def test_members_of_packs(self, tmp_path: Path) -> None:
        members = [at(tmp_path, "X.pack", SIZE, member=name) for name in ("Flash/a.FLM", "Flash/b.FLM")]
        kept, _ = by_ignores(tmp_path, members, ignore("X.pack/Flash/a.FLM", "STL009"))
        assert [len(each.findings) for each in kept] == [0, 1]

    def test_unused_rules_are_told_one_by_one(self, tmp_path: Path) -> None:
        _, unused = by_ignores(tmp_path, [at(tmp_path, "a.stldr", SIZE)], ignore("a.*", "STL009", "STL020", "FLM"))
        assert unused == tuple(
            UnusedEntry(
                source=str(tmp_path / "loaderconv.toml"),
                text=f"per-file-ignores: {rule} in a.* (Known since 2019.)",
            )
            for rule in ("STL020", "FLM")
        )

    def test_one_of_several_files_is_enough(self, tmp_path: Path) -> None:
        files = [at(tmp_path, "a.stldr"), at(tmp_path, "b.stldr", SIZE)]
        assert by_ignores(tmp_path, files, ignore("*.stldr", "STL009"))[1] == ()

    def test_both_of_two_that_fit_are_used(self, tmp_path: Path) -> None:
        file = at(tmp_path, "a.stldr", SIZE)
        (kept,), unused = by_ignores(tmp_path, [file], ignore("*", "STL"), ignore("a.stldr", "STL009"))
        assert (kept.dismissed, unused) == (Dismissed(ignored=1), ())

    def test_files_that_were_not_checked_say_nothing(self, tmp_path: Path) -> None:
        assert by_ignores(tmp_path, [at(tmp_path, "a.stldr")], ignore("b.stldr", "STL009"))[1] == ()

    def test_rules_that_did_not_look_say_nothing(self, tmp_path: Path) -> None:
        skipped = at(tmp_path, "a.stldr", skipped=[SkippedRule(rule="STL042", reason="No RAM.")])
        assert by_ignores(tmp_path, [skipped], ignore("*", "STL04"))[1] == ()
        narrowed = Selection(frozenset({"FLM047"}), frozenset({"STL009"}))
        assert by_ignores(tmp_path, [at(tmp_path, "a.stldr")], ignore("*", "STL009"), selection=narrowed)[1] == ()

    def test_a_defect_of_loaderconv_is_never_ignored(self, tmp_path: Path) -> None:
        (kept,), unused = by_ignores(tmp_path, [at(tmp_path, "a.stldr", crash())], ignore("*", "INT", "FLM047"))
        assert kept.findings == (crash(),)
        assert unused == ()

    def test_without_a_settings_file_there_are_none(self) -> None:
        assert Decisions.of(LintSettings(per_file_ignores=(ignore("*", "STL"),)), None) == Decisions()


class TestBaseline:
    def test_what_was_written_is_dismissed(self, tmp_path: Path) -> None:
        files = [at(tmp_path, "x/a.stldr", SIZE, NAME), at(tmp_path, "b.stldr", SIZE), at(tmp_path, "c.stldr")]
        path = tmp_path / "known.json"
        assert write_baseline(path, files) == read_baseline(path)
        kept, unused = by_baseline(path, files)
        assert [each.findings for each in kept] == [(), (), ()]
        assert [each.dismissed.baseline for each in kept] == [2, 1, 0]
        assert unused == ()

    def test_new_findings_count(self, tmp_path: Path) -> None:
        path = tmp_path / "known.json"
        write_baseline(path, [at(tmp_path, "a.stldr", SIZE)])
        moved = SIZE.model_copy(update={"message": "Other words.", "place": WHOLE})
        second = SIZE.model_copy(update={"fingerprint": "another"})
        renamed = NAME.model_copy(update={"fingerprint": SIZE.fingerprint})
        kept, unused = by_baseline(
            path, [at(tmp_path, "a.stldr", moved, second, renamed), at(tmp_path, "b.stldr", SIZE)]
        )
        assert [each.findings for each in kept] == [(second, renamed), (SIZE,)]
        assert unused == ()

    def test_entries_without_a_finding(self, tmp_path: Path) -> None:
        path = tmp_path / "known.json"
        gone = at(tmp_path, "gone.stldr", SIZE)
        write_baseline(path, [at(tmp_path, "x/a.stldr", SIZE, NAME), gone])
        _, unused = by_baseline(path, [at(tmp_path, "x/a.stldr", NAME)])
        text = f"x/a.stldr: STL009 size, symbol StorageInfo: {SIZE.message}"
        assert unused == (UnusedEntry(source=str(path), text=text),)

    def test_rules_that_did_not_look_say_nothing(self, tmp_path: Path) -> None:
        path = tmp_path / "known.json"
        write_baseline(path, [at(tmp_path, "a.stldr", SIZE)])
        narrowed = Selection(frozenset({"FLM047"}), frozenset({"STL009"}))
        assert by_baseline(path, [at(tmp_path, "a.stldr")], narrowed)[1] == ()
        skipped = at(tmp_path, "a.stldr", skipped=[SkippedRule(rule="STL009", reason="No symbols.")])
        assert by_baseline(path, [skipped])[1] == ()
        assert by_baseline(path, [at(tmp_path, "a.stldr", crash("STL009"))])[1] == ()

    def test_ignores_come_first(self, tmp_path: Path) -> None:
        path = tmp_path / "known.json"
        write_baseline(path, [at(tmp_path, "a.stldr", SIZE)])
        settings = LintSettings(baseline=path, per_file_ignores=(ignore("*", "STL009"),))
        decisions = Decisions.of(settings, tmp_path / "loaderconv.toml")
        (kept,), unused = dismiss([at(tmp_path, "a.stldr", SIZE)], decisions, ALL)
        assert kept.dismissed == Dismissed(ignored=1)
        assert [each.source for each in unused] == [str(path)]

    def test_defects_of_loaderconv_are_left_out(self, tmp_path: Path) -> None:
        path = tmp_path / "known.json"
        assert write_baseline(path, [at(tmp_path, "a.stldr", crash())]).files == ()
        document = {"path": "a.stldr", "findings": [entry(crash())]}
        path.write_text(json.dumps({"version": 1, "files": [document]}))
        assert by_baseline(path, [at(tmp_path, "a.stldr", crash())])[0][0].findings == (crash(),)

    def test_text_is_sorted_and_ends_with_a_line(self, tmp_path: Path) -> None:
        first, second = tmp_path / "one.json", tmp_path / "two.json"
        block = finding("IAR023", place=ELEMENT, message="Größe fehlt.")
        files = [at(tmp_path, "b.flash", NAME, SIZE, block), at(tmp_path, "a.stldr", SIZE)]
        write_baseline(first, files)
        turned = [file.model_copy(update={"findings": file.findings[::-1]}) for file in files[::-1]]
        write_baseline(second, turned)
        text = first.read_bytes()
        assert text == second.read_bytes()
        assert text.endswith(b"}\n")
        assert b"\r" not in text
        assert "Größe" in text.decode()
        document = json.loads(text)
        assert [each["path"] for each in document["files"]] == ["a.stldr", "b.flash"]
        assert [each["rule"] for each in document["files"][1]["findings"]] == ["IAR023", "STL009", "STL020"]
        assert document["files"][1]["findings"][0] == entry(block)

    def test_paths_are_those_of_its_folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "ci").mkdir()
        monkeypatch.chdir(tmp_path)
        write_baseline(Path("ci/known.json"), [linted("a.stldr", SIZE), linted("X.pack", SIZE, member="F/b.FLM")])
        paths = [each.path for each in read_baseline(tmp_path / "ci" / "known.json").files]
        assert paths == ["../X.pack/F/b.FLM", "../a.stldr"]
        monkeypatch.chdir(tmp_path / "ci")
        assert by_baseline(Path("known.json"), [linted("../a.stldr", SIZE)])[0][0].findings == ()

    def test_a_file_that_a_merge_made_two_of(self, tmp_path: Path) -> None:
        path = tmp_path / "known.json"
        halves = [{"path": "a.stldr", "findings": [entry(each)]} for each in (SIZE, NAME)]
        path.write_text(json.dumps({"version": 1, "files": halves}))
        ((kept,), unused) = by_baseline(path, [at(tmp_path, "a.stldr", SIZE, NAME)])
        assert (kept.findings, unused) == ((), ())


def entry(known: Finding) -> dict[str, str]:
    """Return a finding as a baseline holds it."""
    place = "file" if known.place == WHOLE else f"{known.place.kind} {known.place.name}"
    names = ("rule", "code", "fingerprint", "message")
    fields = {name: getattr(known, name) for name in names}
    return {"rule": fields.pop("rule"), "code": fields.pop("code"), "place": place, **fields}


class TestFiles:
    def test_older_baseline_is_replaced(self, tmp_path: Path) -> None:
        path = tmp_path / "known.json"
        write_baseline(path, [at(tmp_path, "a.stldr", SIZE)])
        write_baseline(path, [at(tmp_path, "b.stldr", SIZE)])
        assert [each.path for each in read_baseline(path).files] == ["b.stldr"]

    def test_other_files_are_not(self, tmp_path: Path) -> None:
        path = tmp_path / "loader.FLM"
        path.write_bytes(b"\x7fELF")
        with pytest.raises(UsageProblem, match=r"loader\.FLM exists and is no baseline"):
            write_baseline(path, [])
        assert path.read_bytes() == b"\x7fELF"

    def test_no_folder(self, tmp_path: Path) -> None:
        with pytest.raises(OutputNotWritten):
            write_baseline(tmp_path / "gone" / "known.json", [])
        assert snapshot(tmp_path) == {}

    def test_interrupted_writing_leaves_the_old_one(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = tmp_path / "known.json"
        write_baseline(path, [at(tmp_path, "a.stldr", SIZE)])
        before = snapshot(tmp_path)

        def full(_: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("os.fsync", full)
        with pytest.raises(OutputNotWritten, match="No space"):
            write_baseline(path, [])
        assert snapshot(tmp_path) == before

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("", "EOF"),
            ("not JSON", "expected"),
            ("[]", "no baseline"),
            ("{}", "no baseline that can be read: version"),
            ('{"version": 2, "files": []}', "version"),
            ('{"version": 1, "files": [{"path": "a"}]}', "files.0.findings"),
            ('{"version": 1, "files": [], "more": 1}', "more"),
            ('{"version": 1,\n<<<<<<< HEAD\n"files": []}', "line 2"),
        ],
    )
    def test_damaged(self, tmp_path: Path, text: str, says: str) -> None:
        path = tmp_path / "known.json"
        path.write_text(text)
        with pytest.raises(UsageProblem) as caught:
            Decisions.of(LintSettings(baseline=path), None)
        assert says in caught.value.message
        assert str(path) in caught.value.message
        assert "--write-baseline" in caught.value.hint
        assert caught.value.exit_code == ExitCode.USAGE

    def test_missing(self, tmp_path: Path) -> None:
        with pytest.raises(UsageProblem, match="cannot be read"):
            read_baseline(tmp_path / "known.json")
