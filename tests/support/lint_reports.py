"""Reports of `lint` as models, made without a file."""

from loaderconv_schemas.errors import ExitCode
from loaderconv_schemas.host import Host, Verdict
from loaderconv_schemas.lint import (
    Dismissed,
    Finding,
    LintedFile,
    LintReport,
    Place,
    PlaceKind,
    SkippedRule,
    UnusedEntry,
)
from loaderconv_schemas.lint_hosts import HostEffect, HostVerdict
from loaderconv_schemas.rule_page import RulePage
from loaderconv_schemas.severity import Severity
from loaderconv_schemas.unread import UnreadFile

SYMBOL = Place(kind=PlaceKind.SYMBOL, name="StorageInfo", address=0x2000_412C, offset_bytes=0x1234, size_bytes=0x88)
FIELD = Place(kind=PlaceKind.FIELD, name="FlashDevice.szPage", address=0x8C, offset_bytes=0x4C0, size_bytes=4)
ELEMENT = Place(kind=PlaceKind.ELEMENT, name="flash_device/block", offset_bytes=0x91, size_bytes=24, line=12)
SECTION = Place(kind=PlaceKind.SECTION, name=".Dev_info", address=0x2000_0004, offset_bytes=0x10000)
SEGMENT = Place(kind=PlaceKind.SEGMENT, name="1", offset_bytes=0, size_bytes=0)
WHOLE = Place(kind=PlaceKind.FILE)

LOSS = HostEffect(host=Host.PYOCD, verdict=Verdict.LOSS)
MARKUP = "[bold]not bold[/] *x* `y` | <b> & 100%, [link](http://example.org)"
"""What no format may take for its own."""

NO_RAM = "Nobody said which RAM the chip has: --chip or --ram tells."
NO_SYMBOLS = "The file has no symbol table."


def finding(rule: str = "STL009", severity: Severity = Severity.ERROR, **changes: object) -> Finding:
    """Return a finding; `changes` are fields that differ from what is usual here."""
    usual: dict[str, object] = {
        "rule": rule,
        "code": "size",
        "severity": severity,
        "message": "StorageInfo has 136 bytes instead of 200, as SECTOR_NUM 2 makes it.",
        "fix": "Define SECTOR_NUM as 10 and build again, or let lint --fix pad it.",
        "place": SYMBOL,
        "fingerprint": f"{rule.lower():0>16}",
    }
    return Finding.model_validate({**usual, **changes})


def linted(path: str, *findings: Finding, **changes: object) -> LintedFile:
    """Return a file that was checked."""
    usual: dict[str, object] = {"path": path, "kind": "an STM32Cube external loader (.stldr)", "findings": findings}
    return LintedFile.model_validate({**usual, **changes})


def verdict(host: Host, verdict: Verdict, *rules: str) -> HostVerdict:
    """Return what a host makes of a file."""
    return HostVerdict(host=host, verdict=verdict, rules=rules)


def unread(path: str, code: ExitCode = ExitCode.UNREADABLE) -> UnreadFile:
    """Return a file that could not be read."""
    return UnreadFile(path=path, message=f"{path} is not an ELF file.", hint="Name a loader.", exit_code=code)


def crash(rule: str = "FLM047") -> Finding:
    """Return what the runner makes of a rule that failed."""
    return finding(
        "INT001",
        code="crash",
        message=f"The rule {rule} failed: KeyError: 'x'.",
        fix="This is a defect of loaderconv, not of the file: report it, with the file if you may.",
        place=WHOLE,
        fingerprint="0123456789abcdef",
    )


def page(rule: str = "STL009", severity: Severity = Severity.ERROR, **changes: object) -> RulePage:
    """Return the page of a rule."""
    usual: dict[str, object] = {
        "id": rule,
        "title": "StorageInfo has 200 bytes (SECTOR_NUM is 10)",
        "severity": severity,
        "checks": "An stldr",
        "needs": ("a symbol table",),
        "what": "The symbol StorageInfo is 200 bytes long.\n\nA size of 0 is a warning.",
        "why": "CubeProgrammer copies <the whole structure> into __its_own__.",
        "example": "#define SECTOR_NUM 2  /* in Dev_Inf.h */",
        "fix": "Define SECTOR_NUM as 10.",
        "source": "docs/formats/stldr.md, Accepted and rejected.",
        "effects": (LOSS,),
        "is_fixable": True,
    }
    return RulePage.model_validate({**usual, **changes})


STLDR = linted(
    "loaders/W25Q64_[x].stldr",
    finding(is_fixable=True),
    finding("STL030", Severity.WARNING, message="The section lies behind a gap.", fix="Move it.", place=SECTION),
    finding("STL060", Severity.NOTE, message=MARKUP, fix="Leave it.", place=SEGMENT),
    skipped=(SkippedRule(rule="STL042", reason=NO_RAM), SkippedRule(rule="STL041", reason=NO_RAM)),
    verdicts=(
        verdict(Host.CUBE_PROGRAMMER, Verdict.REJECTED, "STL009", "STL030"),
        verdict(Host.ST_OPENOCD, Verdict.ACCEPTED),
    ),
)
FLASH = linted(
    "iar/FlashW25Q64.flash",
    finding("IAR023", Severity.WARNING, message="The blocks cover half.", fix="Add one.", place=ELEMENT),
    kind="an IAR flash description (.flash)",
    dismissed=Dismissed(ignored=1, baseline=2),
    verdicts=(verdict(Host.C_SPY, Verdict.LOSS, "IAR023"),),
)
MEMBER = linted(
    "Vendor.Chip_DFP.1.0.0.pack",
    finding("FLM047", message="szPage is 0x2000, but there are sectors of 0x1000 bytes.", fix="Halve.", place=FIELD),
    member="Flash/Chip 512.FLM",
    kind="a Keil flash algorithm (.FLM)",
    skipped=(SkippedRule(rule="FLM050", reason=NO_RAM), SkippedRule(rule="FLM001", reason=NO_SYMBOLS)),
    verdicts=(
        verdict(Host.UVISION, Verdict.LOSS, "FLM047"),
        verdict(Host.PYOCD, Verdict.REJECTED, "FLM047"),
    ),
)
CLEAN = linted(
    "keil/Good.FLM",
    kind="a Keil flash algorithm (.FLM)",
    verdicts=(verdict(Host.UVISION, Verdict.ACCEPTED), verdict(Host.PYOCD, Verdict.ACCEPTED)),
)
HIDDEN = linted("keil/Old.FLM", kind="a Keil flash algorithm (.FLM)", dismissed=Dismissed(ignored=3))

REPORT = LintReport(
    files=(STLDR, CLEAN, HIDDEN, FLASH, MEMBER),
    unread=(unread("keil/broken.FLM"),),
    skipped=12,
    unused=(UnusedEntry(source="pyproject.toml", text="FLM099 for keil/*.FLM"),),
)
"""Some of everything."""

PAGES = tuple(
    page(each, severity)
    for each, severity in (
        ("FLM047", Severity.ERROR),
        ("IAR023", Severity.WARNING),
        ("STL009", Severity.ERROR),
        ("STL030", Severity.WARNING),
        ("STL060", Severity.NOTE),
        ("STL061", Severity.NOTE),
    )
)
"""The pages of the rules in REPORT, and of one that found nothing."""
