"""Templates from which a tool makes XML; they have its suffix (docs/formats/iar.md, What breaks a naive parser)."""

import re

from loaderconv_schemas.errors import UnreadableInput

_TAGS = re.compile(rb"</?#(?:if|else|list|assign|macro|include|import|function|switch|ftl|--)|\[#ftl|<@[A-Za-z]")
_PLACEHOLDER = re.compile(r"\$\{[^{}]*\}(?!\$)|\[/?#[a-z]")
"""IAR's own variables of packs end in `}$`."""


def holds_template_tags(data: bytes) -> bool:
    """Tell whether the bytes of a file that is no XML hold tags of FreeMarker."""
    return _TAGS.search(data) is not None


def holds_placeholder(text: str) -> bool:
    """Tell whether the text of an element waits to be filled in."""
    return _PLACEHOLDER.search(text) is not None


def refuse_template_tags(data: bytes) -> None:
    """Raise UnreadableInput where the bytes of a file that is no XML hold tags of FreeMarker."""
    if holds_template_tags(data):
        raise _is_template()


def refuse_placeholders(text: str) -> None:
    """Raise UnreadableInput where the text of an element waits to be filled in."""
    if holds_placeholder(text):
        raise _is_template()


def _is_template() -> UnreadableInput:
    return UnreadableInput(
        "The file is a FreeMarker template, from which a tool such as STM32CubeMX makes the XML.",
        hint="Let that tool make a project, and name the file that it wrote.",
    )
