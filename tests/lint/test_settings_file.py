"""Settings are found, read with paths of their folder, and refused in words that their author understands."""

from pathlib import Path

import pytest

from loaderconv.lint.settings_file import load_settings
from loaderconv_schemas.errors import UsageProblem
from loaderconv_schemas.host import Host
from loaderconv_schemas.settings import FileIgnore, LintSettings
from loaderconv_schemas.severity import Severity

FULL = """
select = ["STL", "flm047"]
ignore = ["STL009"]
fail-on = "warning"
show = "warning"
chip = "STM32H743"
ram = "0x24000000:512K"
pack = ["packs/Vendor.pack"]
for = ["pyocd", "c-spy"]
baseline = "known.json"
toolkit-dir = "iar/arm"
follow = true

[define]
PROJ_DIR = "project"

[[per-file-ignores]]
path = "vendor/**"
rules = ["STL009"]
reason = "The vendor ships it so."
"""


def put(folder: Path, text: str | bytes, name: str = "loaderconv.toml") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def refused(folder: Path, text: str | bytes, name: str = "loaderconv.toml") -> UsageProblem:
    """Check that a file is refused by name, and return the error."""
    path = put(folder, text, name)
    with pytest.raises(UsageProblem) as caught:
        load_settings(path, folder)
    assert str(path) in caught.value.message
    assert caught.value.hint
    return caught.value


class TestSearch:
    def test_nothing_is_found(self, tmp_path: Path) -> None:
        (tmp_path / ".git").mkdir()
        assert load_settings(None, tmp_path) == (LintSettings(), None)

    @pytest.mark.parametrize("depth", [0, 1, 3])
    def test_folders_above_are_searched(self, tmp_path: Path, depth: int) -> None:
        path = put(tmp_path, 'fail-on = "note"')
        start = tmp_path.joinpath(*"abc"[:depth])
        start.mkdir(parents=True, exist_ok=True)
        assert load_settings(None, start) == (LintSettings(fail_on=Severity.NOTE), path)

    def test_search_starts_in_a_relative_folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = put(tmp_path, "follow = true")
        (tmp_path / "sub").mkdir()
        monkeypatch.chdir(tmp_path)
        assert load_settings(None, Path("sub"))[1] == path

    def test_nearest_file_counts(self, tmp_path: Path) -> None:
        put(tmp_path, 'fail-on = "note"')
        near = put(tmp_path / "sub", 'fail-on = "warning"')
        assert load_settings(None, tmp_path / "sub") == (LintSettings(fail_on=Severity.WARNING), near)

    @pytest.mark.parametrize("is_folder", [True, False], ids=["repository", "worktree"])
    def test_search_ends_at_the_root_of_the_repository(self, tmp_path: Path, is_folder: bool) -> None:
        put(tmp_path, 'fail-on = "note"')
        root = tmp_path / "repository"
        (root / "sub").mkdir(parents=True)
        if is_folder:
            (root / ".git").mkdir()
        else:
            (root / ".git").write_text("gitdir: elsewhere")
        assert load_settings(None, root / "sub") == (LintSettings(), None)
        inside = put(root, 'fail-on = "warning"')
        assert load_settings(None, root / "sub")[1] == inside

    def test_pyproject_without_the_table_is_passed_over(self, tmp_path: Path) -> None:
        path = put(tmp_path, '[tool.loaderconv]\nfail-on = "note"', "pyproject.toml")
        put(tmp_path / "sub", '[tool.ruff]\nline-length = 100\n[project]\nname = "x"', "pyproject.toml")
        assert load_settings(None, tmp_path / "sub") == (LintSettings(fail_on=Severity.NOTE), path)

    def test_own_file_counts_beside_pyproject(self, tmp_path: Path) -> None:
        put(tmp_path, "[tool.loaderconv]\nfollow = true", "pyproject.toml")
        own = put(tmp_path, 'fail-on = "note"')
        assert load_settings(None, tmp_path) == (LintSettings(fail_on=Severity.NOTE), own)

    def test_empty_table_counts(self, tmp_path: Path) -> None:
        put(tmp_path, 'fail-on = "note"')
        path = put(tmp_path / "sub", "[tool.loaderconv]", "pyproject.toml")
        assert load_settings(None, tmp_path / "sub") == (LintSettings(), path)

    def test_named_file_counts_alone(self, tmp_path: Path) -> None:
        put(tmp_path, 'fail-on = "note"')
        named = put(tmp_path / "elsewhere", 'fail-on = "warning"', "strict.toml")
        assert load_settings(named, tmp_path) == (LintSettings(fail_on=Severity.WARNING), named)


class TestValues:
    def test_every_key(self, tmp_path: Path) -> None:
        settings, path = load_settings(put(tmp_path, FULL), Path("/"))
        assert path == tmp_path / "loaderconv.toml"
        assert settings == LintSettings(
            select=("STL", "flm047"),
            ignore=("STL009",),
            fail_on=Severity.WARNING,
            show=Severity.WARNING,
            chip="STM32H743",
            ram="0x24000000:512K",
            pack=(tmp_path / "packs/Vendor.pack",),
            for_hosts=(Host.PYOCD, Host.C_SPY),
            baseline=tmp_path / "known.json",
            toolkit_dir=tmp_path / "iar/arm",
            define={"PROJ_DIR": tmp_path / "project"},
            follow=True,
            per_file_ignores=(FileIgnore(path="vendor/**", rules=("STL009",), reason="The vendor ships it so."),),
        )
        assert set(settings.model_fields_set) >= set(LintSettings.model_fields)

    def test_the_same_in_pyproject(self, tmp_path: Path) -> None:
        own, _ = load_settings(put(tmp_path, FULL), tmp_path)
        shared = FULL.replace("[define]", "[tool.loaderconv.define]").replace("[[per", "[[tool.loaderconv.per")
        assert load_settings(put(tmp_path, f"[tool.loaderconv]{shared}", "pyproject.toml"), tmp_path)[0] == own

    def test_absolute_paths_stay(self, tmp_path: Path) -> None:
        target = (tmp_path / "known.json").absolute()
        settings, _ = load_settings(put(tmp_path / "sub", f"baseline = '{target}'"), tmp_path)
        assert settings.baseline == target

    def test_what_notepad_puts_before_the_text(self, tmp_path: Path) -> None:
        path = put(tmp_path, b"\xef\xbb\xbf" + b"follow = true\r\n")
        assert load_settings(path, tmp_path)[0].follow

    def test_options_take_the_place_of_keys(self) -> None:
        settings = LintSettings(chip="STM32H743", fail_on=Severity.NOTE, select=("STL",))
        options = {"chip": None, "select": ["FLM", "IAR"], "ignore": [], "fail_on": Severity.WARNING, "follow": None}
        changed = settings.overridden_by(options)
        assert changed == LintSettings(chip="STM32H743", fail_on=Severity.WARNING, select=("FLM", "IAR"))

    @pytest.mark.parametrize(("key", "value"), [("chip", "nRF52"), ("ram", "0x20000000:64K")])
    def test_an_option_that_tells_the_ram_replaces_both_keys(self, key: str, value: str) -> None:
        settings = LintSettings(chip="STM32H743", ram="0x24000000:512K")
        assert settings.overridden_by({"chip": None, "ram": None}) == settings
        assert settings.overridden_by({"chip": None, "ram": None, key: value}) == LintSettings.model_validate(
            {key: value}
        )


class TestDamage:
    def test_missing_file(self, tmp_path: Path) -> None:
        with pytest.raises(UsageProblem, match=r"gone\.toml: The file cannot be read: No such file"):
            load_settings(tmp_path / "gone.toml", tmp_path)

    def test_folder(self, tmp_path: Path) -> None:
        with pytest.raises(UsageProblem, match="not a regular file"):
            load_settings(tmp_path, tmp_path)

    @pytest.mark.parametrize("name", ["loaderconv.toml", "pyproject.toml"])
    def test_syntax(self, tmp_path: Path, name: str) -> None:
        problem = refused(tmp_path, "follow = true\n\nselect = [\n'STL'\nchip = 3", name)
        assert f"{name}, line 5: " in problem.message
        assert problem.message.endswith(".")

    def test_end_of_file(self, tmp_path: Path) -> None:
        assert "no TOML" in refused(tmp_path, 'chip = "STM32').message

    def test_key_twice(self, tmp_path: Path) -> None:
        assert "line 2" in refused(tmp_path, "follow = true\nfollow = false\n").message

    def test_encoding(self, tmp_path: Path) -> None:
        problem = refused(tmp_path, 'chip = "Gerät"'.encode("latin-1"))
        assert "not UTF-8: byte 0xe4 at offset 11" in problem.message

    def test_depth(self, tmp_path: Path) -> None:
        assert "nested too deeply" in refused(tmp_path, "a = " + "[" * 5000 + "]" * 5000).message

    def test_named_pyproject_without_the_table(self, tmp_path: Path) -> None:
        assert "no table [tool.loaderconv]" in refused(tmp_path, "[tool.ruff]", "pyproject.toml").message

    @pytest.mark.parametrize("text", ["tool = 3", "[tool]\nloaderconv = 3", "[[tool.loaderconv]]"])
    def test_table_is_none(self, tmp_path: Path, text: str) -> None:
        assert "table" in refused(tmp_path, text, "pyproject.toml").message


class TestKeys:
    @pytest.mark.parametrize(
        ("key", "meant"),
        [
            ("selct", "select"),
            ("fail_on", "fail-on"),
            ("failon", "fail-on"),
            ("Chip", "chip"),
            ("toolkit_dir", "toolkit-dir"),
            ("packs", "pack"),
            ("per_file_ignores", "per-file-ignores"),
        ],
    )
    def test_unknown_key_with_a_suggestion(self, tmp_path: Path, key: str, meant: str) -> None:
        problem = refused(tmp_path, f"{key} = 1")
        assert f"no setting '{key}'" in problem.message
        assert problem.hint == f"Did you mean {meant}?"

    def test_unknown_key_without_a_suggestion(self, tmp_path: Path) -> None:
        hint = refused(tmp_path, "[lint]\nfollow = true").hint
        assert all(each in hint for each in ("select", "for", "per-file-ignores"))
        assert "for_hosts" not in hint

    def test_unknown_key_in_an_ignore(self, tmp_path: Path) -> None:
        problem = refused(tmp_path, '[[per-file-ignores]]\npath="a"\nrules=["STL"]\nreasn="x"')
        assert "per-file-ignores, entry 1: there is no setting 'reasn'" in problem.message
        assert problem.hint == "Did you mean reason?"


class TestTypes:
    @pytest.mark.parametrize(
        ("text", "says", "hint"),
        [
            ('select = "STL"', "select is not a list of rule ids", "It holds 'STL'."),
            ("ignore = [1]", "ignore is not a list of rule ids", "It holds 1, which is no text."),
            ('ignore = [""]', "ignore is not a list of rule ids", "It holds an empty text."),
            ('fail-on = "warnings"', "fail-on is not one of error, warning, note", "Did you mean 'warning'?"),
            ("fail-on = 2", "fail-on is not one of", "It holds 2, which is no text."),
            ("chip = 743", "chip is not the name of a chip", "It holds 743, which is no text."),
            ('chip = " "', "chip is not the name of a chip", "It holds an empty text."),
            ("ram = 0x20000000", "ram is not BASE:SIZE in quotes", "It holds 536870912, which is no text."),
            ('pack = "a.pack"', "pack is not a list of paths", "It holds 'a.pack'."),
            ("pack = [[]]", "pack is not a list of paths", "It holds an empty list."),
            ('for = ["pyodc"]', "for is not a list with any of cubeprogrammer", "Did you mean 'pyocd'?"),
            ('for = "pyocd"', "for is not a list with any of", "It holds 'pyocd'."),
            ("baseline = true", "baseline is not a path in quotes", "It holds true."),
            ("toolkit-dir = 2026-01-01", "toolkit-dir is not a path", "It holds 2026-01-01, which is no text."),
            ('define = ["A=b"]', "define is not a table of names and paths", "It holds a list."),
            ("define = {A = 3}", "define is not a table of names and paths", "It holds 3, which is no text."),
            ('follow = "yes"', "follow is not true or false", "It holds 'yes'."),
            ("follow = 1", "follow is not true or false", "It holds 1, which is no text."),
            ("per-file-ignores = {}", "per-file-ignores is not a list of tables with path", "It holds a table."),
            ("per-file-ignores = [3]", "per-file-ignores is not a list of tables", "It holds 3, which is no text."),
        ],
    )
    def test_in_words(self, tmp_path: Path, text: str, says: str, hint: str) -> None:
        problem = refused(tmp_path, text)
        assert f": {says}" in problem.message
        assert problem.hint == hint
        assert "pydantic" not in problem.message + problem.hint

    @pytest.mark.parametrize(
        ("fields", "says"),
        [
            ('path="a"\nrules=["STL"]', "entry 2 has no reason"),
            ('rules=["STL"]\nreason="x"', "entry 2 has no path"),
            ('path="a"\nreason="x"', "entry 2 has no rules"),
            ('path="a"\nrules=["STL"]\nreason=" "', "entry 2: reason is not a sentence that says why"),
            ('path=""\nrules=["STL"]\nreason="x"', "entry 2: path is not a pattern"),
            ('path="a"\nrules=[]\nreason="x"', "entry 2: rules is not a list of rule ids"),
            ('path="a"\nrules="STL"\nreason="x"', "entry 2: rules is not a list of rule ids"),
        ],
    )
    def test_ignores(self, tmp_path: Path, fields: str, says: str) -> None:
        good = '[[per-file-ignores]]\npath="a"\nrules=["STL"]\nreason="x"\n'
        assert says in refused(tmp_path, f"{good}[[per-file-ignores]]\n{fields}").message


class TestRules:
    @pytest.mark.parametrize("key", ["select", "ignore"])
    def test_unknown_rule(self, tmp_path: Path, key: str) -> None:
        problem = refused(tmp_path, f'{key} = ["STL009", "STL999"]')
        assert f"loaderconv.toml: {key}: no rule's id begins with 'STL999'" in problem.message
        assert "Did you mean STL" in problem.hint

    def test_unknown_rule_in_an_ignore(self, tmp_path: Path) -> None:
        text = '[[per-file-ignores]]\npath="a"\nrules=["FML047"]\nreason="x"'
        problem = refused(tmp_path, text)
        assert "per-file-ignores: no rule's id begins with 'FML047'" in problem.message
        assert "Did you mean FLM047?" in problem.hint
