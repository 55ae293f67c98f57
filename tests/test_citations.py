"""Docstrings cite docs/formats by heading: the headings exist."""

import re
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
CITATION = re.compile(r"docs/formats/(\w+)\.md, ([A-Z][\w.]*(?: [\w.]+)*)")


def citations() -> list[tuple[Path, str, str]]:
    found = []
    for root in ("schemas", "formats", "convert"):
        for path in (REPOSITORY / root).rglob("*.py"):
            text = " ".join(path.read_text("utf-8").split())
            found += [(path, page, heading) for page, heading in CITATION.findall(text)]
    return found


def test_cited_headings_exist() -> None:
    headings = {
        page.stem: {line.lstrip("# ").strip() for line in page.read_text("utf-8").splitlines() if line.startswith("#")}
        for page in (REPOSITORY / "docs" / "formats").glob("*.md")
    }
    assert len(citations()) > 10
    for path, page, cited in citations():
        assert any(cited.startswith(heading) or heading.startswith(cited) for heading in headings[page]), (
            f"{path.name} cites {page}.md, {cited}"
        )
