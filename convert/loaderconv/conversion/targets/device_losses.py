"""What of a device its new descriptor cannot hold, or had to make up."""

from collections.abc import Iterator

from loaderconv_formats.xml.quoting import quoted
from loaderconv_schemas.device import Device, DeviceKind
from loaderconv_schemas.plan import Loss

_TIMEOUTS = {"program_timeout_ms": "program timeout", "erase_timeout_ms": "erase timeout"}


def device_losses(before: Device, after: Device, descriptor: str) -> list[Loss]:
    """Return the differences between a source's device and the output's.

    Args:
        before: as the source has it.
        after: as the output has it.
        descriptor: what the output describes it with, for the text.
    """
    return [*_timeouts(before, after, descriptor), *_name(before, after), *_rest(before, after, descriptor)]


def _timeouts(before: Device, after: Device, descriptor: str) -> Iterator[Loss]:
    for field, title in _TIMEOUTS.items():
        old, new = getattr(before, field), getattr(after, field)
        if old is not None and new is None:
            yield Loss(
                fact=f"{title} of {old} ms",
                consequence=f"{descriptor} has no such field; the host's own timeout applies",
            )
        if old is None and new is not None:
            option = "--" + field.removesuffix("_ms").replace("_", "-")
            yield Loss(
                fact=f"{title}, which the source does not tell",
                consequence=f"{new} ms is put in its place; the option {option} sets another",
            )


def _name(before: Device, after: Device) -> Iterator[Loss]:
    if before.name != after.name:
        yield Loss(
            fact=f"device name {quoted(before.name)}", consequence=f"the host shows {quoted(after.name)} instead"
        )


def _rest(before: Device, after: Device, descriptor: str) -> Iterator[Loss]:
    if before.kind is not after.kind:
        told = f"{descriptor} has no such field" if after.type_code is None else f"the host is told {after.kind}"
        if before.kind is not DeviceKind.UNKNOWN or after.type_code is not None:
            yield Loss(fact=f"device type {before.kind}", consequence=told)
    if before.erased_value not in (None, after.erased_byte):
        yield Loss(
            fact=f"erased value 0x{before.erased_byte:02x}",
            consequence=f"{descriptor} has no such field; C-SPY fills up pages with 0xff",
        )
    if before.page_size_bytes != after.page_size_bytes:
        how = "several of its own" if after.page_size_bytes > before.page_size_bytes else "parts of its own"
        yield Loss(
            fact=f"page of {before.page_size_bytes} bytes",
            consequence=f"the host is told {after.page_size_bytes}: the source takes {how} at once",
        )
