"""Finds what lies between the windows of a machine's models."""

from collections.abc import Iterable

from loaderconv_schemas.address_range import AddressRange


def holes(regions: Iterable[AddressRange], taken: Iterable[AddressRange]) -> tuple[AddressRange, ...]:
    """Return what is left of regions when the taken ranges are cut out, in order of the regions and addresses."""
    in_order = sorted(taken, key=lambda each: each.start)
    left = []
    for region in regions:
        start = region.start
        for each in in_order:
            if each.end <= start or each.start >= region.end:
                continue
            if each.start > start:
                left.append(AddressRange(start=start, size_bytes=each.start - start))
            start = max(start, each.end)
        if start < region.end:
            left.append(AddressRange(start=start, size_bytes=region.end - start))
    return tuple(left)
