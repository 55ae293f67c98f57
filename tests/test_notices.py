"""docs/notices.md names every notice, and none that does not exist."""

import re
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
NOTICE = re.compile(r'Notice\(\s*code="([a-z0-9-]+)"')
ROW = re.compile(r"^\| (`[^|]*`) \|", re.MULTILINE)


def test_the_page_lists_what_the_code_emits() -> None:
    emitted = {
        code
        for root in ("formats", "convert")
        for path in (REPOSITORY / root).rglob("*.py")
        for code in NOTICE.findall(path.read_text("utf-8"))
    }
    rows = ROW.findall((REPOSITORY / "docs/notices.md").read_text("utf-8"))
    listed = [code for row in rows for code in re.findall(r"`([^`]+)`", row)]
    assert sorted(listed) == sorted(emitted)
    assert len(emitted) > 30
