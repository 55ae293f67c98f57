"""A rule's page as text and as Markdown, for programs that show it."""

from markdown_it import MarkdownIt

from loaderconv.report.rule_text import rule_markdown, rule_text
from support.lint_reports import page

HEADINGS = ["What it checks", "Why it matters", "Example", "How to fix", "Source"]


def test_text_has_all_sections() -> None:
    blocks = rule_text(page(what="One.\n\nTwo.")).split("\n\n")
    assert [block.partition("\n")[0] for block in blocks if "\n" in block] == HEADINGS
    assert "What it checks\nOne.\n\nTwo.\n\nWhy it matters\n" in rule_text(page(what="One.\n\nTwo."))


def test_markdown_shows_what_was_written() -> None:
    odd = "Use `a_b`, not <block>512</block> or __x__, [1](2), a*b*c, a|b, ~~d~~, &lt; and \\n."
    tokens = MarkdownIt("commonmark").parse(rule_markdown(page(why=odd, example="__x__ <b>\n    `y`")))
    shown = ["".join(child.content for child in token.children or []) for token in tokens if token.type == "inline"]
    assert [each for each in shown if each in HEADINGS] == HEADINGS
    assert odd.replace("`", "") in shown
    (fence,) = (token for token in tokens if token.type == "fence")
    assert fence.content == "__x__ <b>\n    `y`\n"
    assert not [token for token in tokens if token.type.startswith("html")]
