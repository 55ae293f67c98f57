"""A rewrite under way: the document as edited so far, and what that must make of its meaning."""

from dataclasses import dataclass, replace

from loaderconv_formats.elf.image import ElfImage
from loaderconv_formats.loader_file import parse_loader
from loaderconv_schemas.device import Device
from loaderconv_schemas.loader import Loader
from loaderconv_schemas.memory import Part, Segment
from loaderconv_schemas.rewriting import Change


@dataclass(frozen=True)
class Draft:
    """What the steps of a rewrite hand on. A step tells its change twice, to the document and to the meaning.

    Attributes:
        image: the document; steps edit it in place.
        expected: the loader that a reader must find in it, as the steps so far mean it.
        changes: what differs from the input beyond the layout.
        is_moved: the image lies elsewhere than in the input.
    """

    image: ElfImage
    expected: Loader
    changes: tuple[Change, ...] = ()
    is_moved: bool = False

    @property
    def image_start(self) -> int:
        """Lowest address of the image, with bytes or zeros there: hosts do not tell them apart when they write."""
        return min(segment.address for segment in self.expected.image_segments)

    @property
    def descriptor(self) -> Segment:
        """The descriptor of a flavour that has one."""
        return next(segment for segment in self.expected.segments if segment.part is Part.DESCRIPTOR)

    def changed(self, code: str, message: str, expected: Loader | None = None) -> "Draft":
        """Return the draft with one more change, and the meaning that it leads to."""
        return replace(
            self, expected=expected or self.expected, changes=(*self.changes, Change(code=code, message=message))
        )

    def with_descriptor(self, descriptor: Segment, device: Device | None = None) -> Loader:
        """Return the meaning with another descriptor, and the device that it describes where that is another too."""
        image = self.expected.image_segments
        return self.expected.model_copy(
            update={"segments": (*image, descriptor), "device": device or self.expected.device}
        )


def draft_of(data: bytes, stem: str) -> Draft:
    """Return the draft of a loader that is one ELF file; it holds nothing behind the file's end, and that is told.

    Raises:
        UnreadableInput: no loader, or damaged.
    """
    source = parse_loader(data, stem)
    draft = Draft(source.image, source.loader)
    size = draft.image.trailing_bytes
    if not size:
        return draft
    return draft.changed(
        "trailing-bytes", f"{size} bytes behind the end of the ELF file, which belong to no part of it, are left out."
    )
