"""Sets the name in a descriptor: DeviceName of an stldr, DevName of an FLM."""

from dataclasses import dataclass, replace

from loaderconv.rewriting.draft import Draft
from loaderconv_formats.elf.image import ElfImage, ElfSymbol, SegmentView
from loaderconv_formats.elf.lookup import symbols_by_name
from loaderconv_formats.flm import abi as flm_abi
from loaderconv_formats.stldr import abi as stldr_abi
from loaderconv_schemas.device import Device
from loaderconv_schemas.errors import ConversionRefused, UsageProblem
from loaderconv_schemas.loader import Flavour
from loaderconv_schemas.text import printable


@dataclass(frozen=True)
class NameField:
    """Where a flavour keeps the name (docs/formats/stldr.md, StorageInfo; docs/formats/flm.md, Descriptor).

    Attributes:
        symbol: of the descriptor.
        field: what the format calls it.
        offset_bytes: in the descriptor.
        size_bytes: with the terminating NUL.
    """

    symbol: str
    field: str
    offset_bytes: int
    size_bytes: int

    def check(self, name: str) -> None:
        """Raise UsageProblem where a name does not fit."""
        longest = self.size_bytes - 1
        if not name.strip() or not name.isascii() or not name.isprintable() or len(name) > longest:
            raise UsageProblem(
                f"The name {name!a} that OUT or --name gives cannot be a {self.field}: that takes 1 to {longest}"
                " printable ASCII characters.",
                hint="Give the output another name, or choose one with --name.",
            )


NAME_FIELDS = {
    Flavour.STLDR: NameField(stldr_abi.DESCRIPTOR_SYMBOL, "DeviceName", 0, 100),
    Flavour.FLM: NameField(flm_abi.DESCRIPTOR_SYMBOL, "DevName", 2, 128),
}


def set_name(draft: Draft, name: str) -> Draft:
    """Return the draft with another name; bytes behind its NUL are cleared. A file that has the name stays as it is."""
    old = _name_bytes(draft).partition(b"\0")[0]
    if old == name.encode("ascii"):
        return draft
    field = NAME_FIELDS[draft.expected.flavour].field
    message = f"{field} was {printable(old.decode('ascii', 'backslashreplace'))!r}, now {name!r}."
    device = draft.expected.described_device.model_copy(update={"name": name})
    return _with_name_bytes(draft, name.encode("ascii"), device).changed("device-name", message)


def clear_name_junk(draft: Draft) -> Draft:
    """Return the draft with nothing but zeros behind the NUL of its name."""
    name, _, rest = _name_bytes(draft).partition(b"\0")
    if not rest.strip(b"\0"):
        return draft
    field = NAME_FIELDS[draft.expected.flavour].field
    cleared = _with_name_bytes(draft, name, draft.expected.described_device)
    return cleared.changed("name-junk", f"The bytes behind the NUL of {field} are zeros now.")


def _name_bytes(draft: Draft) -> bytes:
    field = NAME_FIELDS[draft.expected.flavour]
    return draft.descriptor.data[field.offset_bytes : field.offset_bytes + field.size_bytes]


def _with_name_bytes(draft: Draft, name: bytes, device: Device) -> Draft:
    """Return the draft with a name in document and meaning, filled up with NULs."""
    field = NAME_FIELDS[draft.expected.flavour]
    start, written = field.offset_bytes, name.ljust(field.size_bytes, b"\0")
    patch_descriptor(draft.image, symbols_by_name(draft.image)[field.symbol], start, written)
    descriptor = draft.descriptor
    changed = descriptor.model_copy(update={"data": _spliced(descriptor.data, start, written)})
    return replace(draft, expected=draft.with_descriptor(changed, device))


def patch_descriptor(image: ElfImage, symbol: ElfSymbol, offset_bytes: int, data: bytes) -> None:
    """Overwrite bytes of the descriptor where readers find them: through its section, never by address.

    Raises:
        ConversionRefused: the symbol stands for no bytes of the file.
    """
    section = symbol.section
    if section is None:
        segments = (s for s in reversed(image.load_segments) if s.address <= symbol.address < s.file_end)
        segment = next(segments, None)
        if segment is not None:
            start = symbol.address - segment.address + offset_bytes
            segment.data = _spliced(segment.data, start, data)
            return
    else:
        start = symbol.address - section.address + offset_bytes
        match section.content:
            case SegmentView(segment=segment, offset_bytes=view_offset):
                segment.data = _spliced(segment.data, view_offset + start, data)
                return
            case bytes() as own:
                section.content = _spliced(own, start, data)
                return
    raise ConversionRefused(
        f"{symbol.name} stands for no bytes of the file that could be written.",
        hint="The file looks damaged or badly post-processed: take it from its origin again.",
    )


def _spliced(data: bytes, offset: int, new: bytes) -> bytes:
    return data[:offset] + new + data[offset + len(new) :]
