"""SARIF: it obeys the standard's schema, and has what code scanning asks for."""

import json
from collections.abc import Iterator
from hashlib import shake_256
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Any

import pytest
from jsonschema import Draft4Validator, FormatChecker

from loaderconv.report.sarif import limits
from loaderconv.report.sarif.limits import count_limits, upload_limits
from loaderconv.report.sarif.log import SCHEMA, sarif_log
from loaderconv_schemas.errors import ExitCode
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.lint import LintReport, Place, PlaceKind
from loaderconv_schemas.lint_hosts import HostEffect
from loaderconv_schemas.severity import Severity
from support.lint_reports import (
    ELEMENT,
    FIELD,
    LOSS,
    MARKUP,
    MEMBER,
    NO_RAM,
    NO_SYMBOLS,
    PAGES,
    REPORT,
    SECTION,
    SEGMENT,
    STLDR,
    SYMBOL,
    WHOLE,
    crash,
    finding,
    linted,
    page,
    unread,
)

STANDARD = Draft4Validator(
    json.loads((Path(__file__).parent / "sarif-schema-2.1.0.json").read_text("utf-8")), format_checker=FormatChecker()
)
FOLDER = PurePosixPath("/home/me")
LINE_1 = {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1}


def text_of(report: LintReport, folder: PurePath = FOLDER, **others: Any) -> str:
    return sarif_log(report, PAGES, tool_version="1.2.3", folder=folder, **others)


def run_of(report: LintReport, folder: PurePath = FOLDER, **others: Any) -> Any:
    """Return the run, of a log that obeys the standard."""
    log = json.loads(text_of(report, folder, **others))
    STANDARD.validate(log)
    assert list(log) == ["$schema", "version", "runs"]
    (run,) = log["runs"]
    return run


def run_with(*findings: object, path: str = "a.stldr", **others: Any) -> Any:
    return run_of(LintReport(files=(linted(path, *findings, **others),)))  # type: ignore[arg-type]


def location_of(place: Place, **others: Any) -> Any:
    (result,) = run_with(finding(place=place), **others)["results"]
    (location,) = result["locations"]
    return location


def strings(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for each in value.values():
            yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)
    elif isinstance(value, str):
        yield value


def test_schema_is_the_one_that_logs_name() -> None:
    assert STANDARD.schema["id"] == SCHEMA
    assert json.loads(text_of(REPORT))["$schema"] == SCHEMA


def test_tool() -> None:
    driver = run_of(REPORT)["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("loaderconv", "1.2.3")
    assert "informationUri" not in driver


class TestRules:
    def test_those_that_found_something(self) -> None:
        run = run_of(REPORT)
        rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
        assert rules == ["FLM047", "IAR023", "STL009", "STL030", "STL060"]
        assert [rules[result["ruleIndex"]] for result in run["results"]] == [each["ruleId"] for each in run["results"]]

    def test_what_github_shows(self) -> None:
        rules = {rule["id"]: rule for rule in run_of(REPORT)["tool"]["driver"]["rules"]}
        rule = rules["STL009"]
        assert rule["shortDescription"]["text"] == "Must hold: StorageInfo has 200 bytes (SECTOR_NUM is 10)."
        assert rule["name"] == "Must hold: StorageInfo has 200 bytes (SECTOR_NUM is 10)"
        assert rule["fullDescription"]["text"].startswith("The symbol StorageInfo is 200 bytes long.")
        assert rule["properties"]["tags"] == ["flash-loader", "pyocd"]
        assert [rules[each]["defaultConfiguration"]["level"] for each in ("STL009", "STL030", "STL060")] == [
            "error",
            "warning",
            "note",
        ]
        assert rules["STL060"]["properties"]["problem.severity"] == "recommendation"
        for words in ("Why it matters", "SECTOR_NUM 2", "Define SECTOR_NUM as 10.", "docs/formats/stldr.md"):
            assert words in rule["help"]["text"]

    def test_long_description_is_cut(self) -> None:
        log = sarif_log(
            LintReport(files=(linted("a", finding()),)),
            [page(what="word " * 300, effects=[HostEffect(host=each, verdict=Verdict.LOSS) for each in Host])],
            tool_version="1",
            folder=FOLDER,
        )
        (rule,) = json.loads(log)["runs"][0]["tool"]["driver"]["rules"]
        assert len(rule["fullDescription"]["text"]) <= 1024
        assert rule["fullDescription"]["text"].endswith("word ...")
        assert len(rule["properties"]["tags"]) <= 10
        assert rule["help"]["text"].count("word") == 300

    def test_rule_without_a_page(self) -> None:
        with pytest.raises(KeyError, match="XYZ001"):
            run_with(finding("XYZ001"))


class TestResults:
    def test_in_the_order_of_the_report(self) -> None:
        results = run_of(REPORT)["results"]
        assert [(each["ruleId"], each["level"]) for each in results] == [
            ("STL009", "error"),
            ("STL030", "warning"),
            ("STL060", "note"),
            ("IAR023", "warning"),
            ("FLM047", "error"),
        ]

    def message(self, place: Place, **others: Any) -> str:
        (result,) = run_with(finding(message="It is so.", fix="Change it.", place=place), **others)["results"]
        text = result["message"]["text"]
        assert isinstance(text, str)
        return text

    def test_message_has_the_fix_and_the_place(self) -> None:
        assert self.message(WHOLE) == "It is so. Change it."
        assert self.message(SYMBOL) == "It is so. Change it. Place: StorageInfo at 0x2000412c, file offset 0x1234."
        assert self.message(ELEMENT) == "It is so. Change it. Place: flash_device/block, line 12."

    def test_message_names_the_member_of_a_pack(self) -> None:
        assert self.message(WHOLE, member="a.FLM") == "It is so. Change it. Place: a.FLM."
        assert self.message(FIELD, member="Flash/a b.FLM") == (
            "It is so. Change it. Place: Flash/a b.FLM, FlashDevice.szPage at 0x0000008c, file offset 0x4c0."
        )

    def test_severity_of_the_finding_counts(self) -> None:
        (result,) = run_with(finding("STL009", Severity.NOTE))["results"]
        assert result["level"] == "note"

    def test_what_sarif_has_no_word_for(self) -> None:
        (result,) = run_with(finding(effects=(LOSS,), is_fixable=True))["results"]
        assert result["properties"] == {
            "code": "size",
            "fix": "Define SECTOR_NUM as 10 and build again, or let lint --fix pad it.",
            "isFixable": True,
            "hosts": {"pyocd": "accepted with a loss"},
        }

    def test_text_is_no_link(self) -> None:
        (result,) = run_with(finding(message="See [this](http://evil), a[1] and [2] (x).", fix="Go.", place=WHOLE))[
            "results"
        ]
        assert result["message"]["text"] == r"See \[this](http://evil), a[1] and [2] (x). Go."


class TestPlaces:
    def test_symbol(self) -> None:
        assert location_of(SYMBOL) == {
            "physicalLocation": {
                "artifactLocation": {"uri": "a.stldr"},
                "region": {**LINE_1, "byteOffset": 0x1234, "byteLength": 0x88},
                "address": {"absoluteAddress": 0x2000412C, "length": 0x88, "name": "StorageInfo"},
            },
            "logicalLocations": [{"name": "StorageInfo", "fullyQualifiedName": "StorageInfo", "kind": "symbol"}],
        }

    @pytest.mark.parametrize(
        ("place", "address", "kind"),
        [
            (FIELD, {"absoluteAddress": 0x8C, "length": 4, "kind": "data", "name": "FlashDevice.szPage"}, "member"),
            (SECTION, {"absoluteAddress": 0x20000004, "kind": "section", "name": ".Dev_info"}, "section"),
            (SEGMENT, None, "segment"),
            (ELEMENT, None, "element"),
        ],
    )
    def test_address_and_name(self, place: Place, address: object, kind: str) -> None:
        location = location_of(place)
        assert location["physicalLocation"].get("address") == address
        assert [each["kind"] for each in location["logicalLocations"]] == [kind]

    def test_line_of_a_text_file(self) -> None:
        region = location_of(ELEMENT)["physicalLocation"]["region"]
        assert region == {
            "startLine": 12,
            "startColumn": 1,
            "endLine": 12,
            "endColumn": 1,
            "byteOffset": 0x91,
            "byteLength": 24,
        }

    def test_file_as_a_whole(self) -> None:
        location = location_of(WHOLE)
        assert location == {"physicalLocation": {"artifactLocation": {"uri": "a.stldr"}, "region": LINE_1}}

    def test_member_of_a_pack(self) -> None:
        """Bytes, addresses and lines would be taken for those of the pack."""
        location = location_of(FIELD, path="x.pack", member="Flash/a b.FLM")
        assert location["physicalLocation"] == {"artifactLocation": {"uri": "x.pack"}, "region": LINE_1}
        assert [(each["fullyQualifiedName"], each["kind"]) for each in location["logicalLocations"]] == [
            ("Flash/a b.FLM", "module"),
            ("Flash/a b.FLM!FlashDevice.szPage", "member"),
        ]

    def test_line_in_a_member_of_a_pack(self) -> None:
        location = location_of(ELEMENT, path="x.pack", member="x.pdsc")
        assert location["physicalLocation"]["region"] == LINE_1

    def test_last_address(self) -> None:
        place = Place(kind=PlaceKind.SYMBOL, name="top", address=0xFFFF_FFFF, offset_bytes=0xFFFF_FFFF)
        assert location_of(place)["physicalLocation"]["address"]["absoluteAddress"] == 0xFFFF_FFFF

    def test_windows(self) -> None:
        report = LintReport(files=(linted(r"sub\[x]\a b.stldr", finding()), linted(r"D:\a.stldr", finding())))
        results = run_of(report, PureWindowsPath(r"C:\work"))["results"]
        uris = [each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in results]
        assert uris == ["sub/%5Bx%5D/a%20b.stldr", "file:///D:/a.stldr"]


class TestFingerprints:
    def fingerprints(self, *files: object) -> list[str]:
        results = run_of(LintReport(files=files))["results"]
        assert all(list(each["partialFingerprints"]) == ["primaryLocationLineHash"] for each in results)
        return [each["partialFingerprints"]["primaryLocationLineHash"] for each in results]

    def test_that_of_the_finding(self) -> None:
        assert self.fingerprints(linted("a", finding(fingerprint="0123456789abcdef"))) == ["0123456789abcdef:1"]

    def test_place_does_not_matter(self) -> None:
        assert self.fingerprints(linted("a", finding(place=SYMBOL))) == self.fingerprints(
            linted("a", finding(place=SYMBOL.model_copy(update={"address": 0, "offset_bytes": 1})))
        )

    def test_members_of_a_pack_differ(self) -> None:
        members = [linted("x.pack", finding(), member=name) for name in ("a.FLM", "b.FLM")]
        first, second = self.fingerprints(*members)
        assert first != second
        assert [second] == self.fingerprints(members[1])

    def test_file_that_was_named_twice(self) -> None:
        one = linted("a", finding(fingerprint="0123456789abcdef"))
        assert self.fingerprints(one, one, linted("b", *one.findings)) == [
            "0123456789abcdef:1",
            "0123456789abcdef:2",
            "0123456789abcdef:1",
        ]


class TestInvocation:
    def test_success(self) -> None:
        (invocation,) = run_of(LintReport(files=(linted("a", finding()),)))["invocations"]
        assert invocation == {
            "executionSuccessful": True,
            "toolExecutionNotifications": [],
            "toolConfigurationNotifications": [],
        }

    def test_unread_file(self) -> None:
        report = LintReport(files=(), unread=(unread("sub/broken [1].FLM", ExitCode.UNREADABLE),))
        (invocation,) = run_of(report)["invocations"]
        assert invocation["executionSuccessful"] is False
        (told,) = invocation["toolExecutionNotifications"]
        assert (told["descriptor"]["id"], told["level"]) == ("unreadable-file", "error")
        assert told["message"]["text"] == "sub/broken [1].FLM is not an ELF file. Name a loader."
        (location,) = told["locations"]
        assert location["physicalLocation"]["artifactLocation"]["uri"] == "sub/broken%20%5B1%5D.FLM"

    def test_crash_is_no_result(self) -> None:
        run = run_with(crash("FLM047"), finding())
        assert [each["ruleId"] for each in run["results"]] == ["STL009"]
        (invocation,) = run["invocations"]
        assert invocation["executionSuccessful"] is False
        (told,) = invocation["toolExecutionNotifications"]
        assert told["descriptor"]["id"] == "INT001"
        assert "The rule FLM047 failed: KeyError" in told["message"]["text"]

    def test_skipped_rules_and_unused_entries(self) -> None:
        (invocation,) = run_of(REPORT)["invocations"]
        told = [
            (each["descriptor"]["id"], each["message"]["text"]) for each in invocation["toolConfigurationNotifications"]
        ]
        assert told == [
            ("skipped-rules", f"{NO_RAM} Not applied to 2 files: FLM050, STL041, STL042."),
            ("skipped-rules", f"{NO_SYMBOLS} Not applied to 1 file: FLM001."),
            ("unused-entry", "This entry applies to nothing any more: FLM099 for keil/*.FLM."),
        ]

    def test_every_notification_is_described(self) -> None:
        run = run_of(REPORT.model_copy(update={"files": (*REPORT.files, linted("a", crash()))}))
        known = run["tool"]["driver"]["notifications"]
        (invocation,) = run["invocations"]
        told = [*invocation["toolExecutionNotifications"], *invocation["toolConfigurationNotifications"]]
        assert len(told) == 5
        for each in told:
            assert known[each["descriptor"]["index"]]["id"] == each["descriptor"]["id"]


class TestLimits:
    def report(self, count: int) -> LintReport:
        return LintReport(files=(linted("a", *(count * [finding()])),))

    def test_no_result_is_left_out(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limits, "RESULTS_KEPT", 3)
        run = run_of(self.report(4))
        assert len(run["results"]) == 4
        (invocation,) = run["invocations"]
        assert invocation["executionSuccessful"] is True
        (told,) = invocation["toolExecutionNotifications"]
        assert (told["level"], told["message"]["text"]) == (
            "warning",
            "GitHub shows 3 of these 4 results, the worst first.",
        )

    @pytest.mark.parametrize(
        ("count", "told"), [(5_000, ()), (5_001, ("shows 5,000",)), (25_000, ("shows 5,000",)), (25_001, ("refuses",))]
    )
    def test_count(self, count: int, told: tuple[str, ...]) -> None:
        sentences = count_limits(self.report(count))
        assert len(sentences) == len(told)
        assert all(word in sentence for word, sentence in zip(told, sentences, strict=True))

    def test_crashes_do_not_count(self) -> None:
        assert count_limits(LintReport(files=(linted("a", *(5_001 * [crash()])),))) == ()

    def test_size(self) -> None:
        few = self.report(1)
        assert upload_limits(few, "x" * 11_000_000) == ()
        (told,) = upload_limits(few, shake_256(b"noise").hexdigest(11_000_000))
        assert "10,000,000" in told
        assert upload_limits(few, text_of(few)) == ()


def test_upload_actions_name_the_log() -> None:
    assert "automationDetails" not in run_of(REPORT)


def test_text() -> None:
    text = text_of(REPORT)
    assert text.isascii()
    assert text == text_of(REPORT)
    assert "\x1b" not in text
    assert MARKUP.partition(", [")[0] in "\n".join(strings(json.loads(text)))


def test_odd_texts_survive() -> None:
    odd = 'quote " back\\slash\nnew \u2028 \U0001f600 \x1b[31m {0} %s'
    (result,) = run_with(finding(message=odd, fix="Go.", place=WHOLE), path="\U0001f600.stldr")["results"]
    assert result["message"]["text"] == f"{odd} Go."


def test_no_path_is_told_but_those_of_files() -> None:
    """A log is the same wherever the repository lies."""
    files = (STLDR, MEMBER)
    moved = tuple(each.model_copy(update={"path": f"/elsewhere/{each.path}"}) for each in files)
    assert text_of(LintReport(files=files)) == text_of(LintReport(files=moved), PurePosixPath("/elsewhere"))
