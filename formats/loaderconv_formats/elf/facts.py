"""What two readers of one file must agree on, and what an edit in place must leave alone."""

from collections import Counter
from dataclasses import dataclass

from loaderconv_formats.elf.image import ElfImage, ElfSection


@dataclass(frozen=True)
class SegmentFact:
    """A program header and its bytes."""

    type: int
    address: int
    memory_size_bytes: int
    flags: int
    data: bytes


@dataclass(frozen=True)
class SectionFact:
    """A section header and its bytes; of relocations and the tables that a writer makes, only the header."""

    name: str
    type: int
    flags: int
    address: int
    size_bytes: int
    data: bytes


@dataclass(frozen=True)
class SymbolFact:
    """A symbol and the name of its section, empty for the special indexes."""

    name: str
    value: int
    size_bytes: int
    type: int
    binding: int
    visibility: int
    section: str


@dataclass(frozen=True)
class ElfFacts:
    """A file without offsets and indexes. Symbols are counted, because their order is the writer's business."""

    entry: int
    flags: int
    segments: tuple[SegmentFact, ...]
    sections: tuple[SectionFact, ...]
    symbols: Counter[SymbolFact]

    def difference(self, other: "ElfFacts") -> str | None:
        """Return the first difference in words, None where both say the same."""
        if self.entry != other.entry:
            return f"entry 0x{self.entry:08x} and 0x{other.entry:08x}"
        if self.flags != other.flags:
            return f"e_flags 0x{self.flags:08x} and 0x{other.flags:08x}"
        for kind, mine, theirs in (
            ("segment", self.segments, other.segments),
            ("section", self.sections, other.sections),
        ):
            if len(mine) != len(theirs):
                return f"{len(mine)} and {len(theirs)} {kind}s"
            for number, (left, right) in enumerate(zip(mine, theirs, strict=True)):
                if left != right:
                    return f"{kind} {number}"
        for symbol in (self.symbols - other.symbols) + (other.symbols - self.symbols):
            return f"symbol {symbol.name!r}"
        return None


def facts_of(image: ElfImage) -> ElfFacts:
    """Return the facts of a document."""
    return ElfFacts(
        entry=image.entry,
        flags=image.flags,
        segments=tuple(
            SegmentFact(each.type, each.address, each.memory_size_bytes, each.flags, each.data)
            for each in image.segments
        ),
        sections=tuple(
            SectionFact(each.name, each.type, each.flags, each.address, each.size_bytes, each.data)
            for each in image.sections
        ),
        symbols=Counter(
            SymbolFact(
                each.name,
                each.value,
                each.size_bytes,
                each.type,
                each.binding,
                each.other & 3,
                _section_name(each.section),
            )
            for each in image.symbols
        ),
    )


def _section_name(section: ElfSection | None) -> str:
    return "" if section is None else section.name
