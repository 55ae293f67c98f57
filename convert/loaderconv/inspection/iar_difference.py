"""In what IAR loaders differ beyond what every loader has, and the passes for which C-SPY uses them."""

from collections.abc import Iterator

from loaderconv.inspection.compared import compared, compared_lists, found, yes_or_no
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.bundle import PassFacts
from loaderconv_schemas.difference import Difference, Unit
from loaderconv_schemas.iar import ArgumentBlock, IarInterface, IarSettings, IgnoredRange


def interface_differences(left: IarInterface | None, right: IarInterface | None) -> Iterator[Difference]:
    """Give the differences in where C-SPY finds what it drives two executables through; sizes are part of the RAM."""
    if left is None or right is None:
        yield from compared("executable", found(left), found(right))
        return
    yield from compared("parameter block address", _start(left.parameters), _start(right.parameters), Unit.ADDRESS)
    yield from compared("buffer address", _start(left.buffer), _start(right.buffer), Unit.ADDRESS)
    yield from compared("break address", left.break_address, right.break_address, Unit.ADDRESS)
    yield from compared("stack address", _start(left.stack), _start(right.stack), Unit.ADDRESS)
    yield from compared("stack pointer", left.stack_pointer, right.stack_pointer, Unit.ADDRESS)
    yield from compared("arguments that fit", _argument_count(left.arguments), _argument_count(right.arguments))
    yield from compared("framework version", left.framework_version, right.framework_version)


def _argument_count(of: ArgumentBlock | None) -> int | None:
    return None if of is None else of.max_count


def _start(of: AddressRange | None) -> int | None:
    return None if of is None else of.start


def settings_differences(left: IarSettings | None, right: IarSettings | None) -> Iterator[Difference]:
    """Give the differences of two `.flash` files beyond the memory that they describe."""
    if left is None or right is None:
        yield from compared(".flash file", found(left), found(right))
        return
    yield from compared("exe", left.executable, right.executable)
    yield from compared("macro", left.macro, right.macro)
    yield from compared("aggregate", yes_or_no(left.aggregate), yes_or_no(right.aggregate))
    yield from compared("online", yes_or_no(left.online), yes_or_no(right.online))
    yield from compared("relocatable", yes_or_no(left.relocatable), yes_or_no(right.relocatable))
    yield from compared_lists("default arguments", left.arguments, right.arguments)


def pass_differences(left: PassFacts, right: PassFacts) -> Iterator[Difference]:
    """Give the differences of two passes of `.board` files."""
    yield from compared("range", _text(left.range), _text(right.range))
    yield from compared("address delta", left.address_delta, right.address_delta, Unit.ADDRESS)
    yield from compared("absolute start", left.absolute_start, right.absolute_start, Unit.ADDRESS)
    yield from compared_lists("arguments", left.args, right.args)
    yield from compared("loader offset", left.loader_offset, right.loader_offset, Unit.ADDRESS)
    yield from ignored_differences(left.ignored, right.ignored)


def ignored_differences(left: tuple[IgnoredRange, ...], right: tuple[IgnoredRange, ...]) -> Iterator[Difference]:
    """Give the difference of the addresses that are left alone."""
    yield from compared_lists(
        "ignored", [f"{each.kind} {each.range}" for each in left], [f"{each.kind} {each.range}" for each in right]
    )


def _text(of: AddressRange | None) -> str | None:
    return None if of is None else str(of)
