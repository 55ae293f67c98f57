"""A rule's page as plain text and as Markdown."""

import re

from loaderconv_schemas.rule_page import RulePage

_CODE = re.compile(r"(`[^`\n]+`)")
_MARKUP = re.compile(r"[\\*_<>\[\]&~|`$]")


def rule_text(page: RulePage) -> str:
    """Return all sections of a page, one below the other."""
    return "\n\n".join(f"{heading}\n{text}" for heading, text in rule_sections(page))


def rule_markdown(page: RulePage) -> str:
    """Return the same as Markdown; the example is code."""
    blocks = []
    for heading, text in rule_sections(page):
        body = f"```text\n{text}\n```" if text == page.example else escaped(text)
        blocks.append(f"**{heading}**\n\n{body}")
    return "\n\n".join(blocks)


def rule_sections(page: RulePage) -> list[tuple[str, str]]:
    """Return headings and texts of a page, in their order."""
    return [
        ("What it checks", page.what),
        ("Why it matters", page.why),
        ("Example", page.example),
        ("How to fix", page.fix),
        ("Source", page.source),
    ]


def escaped(text: str) -> str:
    """Return text in which nothing is Markdown but the code that its author marked."""
    pieces = _CODE.split(text)
    pieces[::2] = [_MARKUP.sub(r"\\\g<0>", piece) for piece in pieces[::2]]
    return "".join(pieces)
