"""Sources and what was made of them, as `prove` takes them."""

from loaderconv.emulator.cpu_models import CpuModel
from loaderconv.simulation.proving.prove import prove
from loaderconv.simulation.rig import Wish
from loaderconv.simulation.subject import Subject
from loaderconv.simulation.symbols import code_symbols
from loaderconv_formats.elf.reader import read_elf
from loaderconv_schemas.bundle import PassFacts
from loaderconv_schemas.loader import Flavour
from loaderconv_schemas.proof import Proof
from support.matrix import RAM, Origin, convert

MACHINE = "strict-nor"


def subjects(origin: Origin, target: Flavour) -> tuple[Subject, Subject]:
    """Return a loader of the fixtures, and what a conversion makes of it."""
    source = origin.source()
    _, loader, data = convert(source, target, **dict(origin.changes))
    return (
        Subject(source.file_name, source.loader, source.facts, code_symbols(source.image)),
        Subject(f"{source.file_name} as {target}", loader, PassFacts(), code_symbols(read_elf(data))),
    )


def proof_of(source: Subject, converted: Subject, cpu: CpuModel = CpuModel.CORTEX_M0) -> Proof:
    """Compare them behind the strict controller."""
    return prove(source, converted, Wish(machine=MACHINE, cpu=cpu, ram=RAM))
