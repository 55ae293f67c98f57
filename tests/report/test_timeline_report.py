"""How a run in the emulator, and a comparison of two, are told."""

from loaderconv.report.machines import machine_list
from loaderconv.report.proof import proof_report
from loaderconv.report.timeline import timeline_report
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.proof import Compared, Proof, ProofDifference
from loaderconv_schemas.timeline import Footprint, GuessedRegister, Timeline, TimelineEntry
from support.rendering import rendered

GOOD = TimelineEntry(
    operation="erase 0x90000000..0x90000fff",
    expected="erased, and nothing else",
    observed="SectorErase returned 1",
    passed=True,
    instructions=1234,
    commands=("write enable", "sector erase 0x000000"),
)
BAD = TimelineEntry(
    operation="program 256 bytes at 0x90000000",
    expected="programmed, and nothing else",
    observed="Write returned 0",
    passed=False,
    instructions=None,
    commands=tuple(f"page program 0x{number:06x}" for number in range(0, 0x900, 0x100)),
)
RUN = Timeline(
    loader="W25Q128[1].stldr",
    host="STM32CubeProgrammer",
    machine="STM32F7 with a serial NOR (cortex-m7)",
    scenario="quick",
    start="reset",
    entries=(GOOD,),
    footprint=Footprint(
        image=(AddressRange(start=0x2000_0004, size_bytes=0x400),),
        stack=AddressRange(start=0x2000_0404, size_bytes=0x400),
        stack_bytes=96,
        stray_writes=(),
    ),
)


def test_run_that_passed() -> None:
    text = rendered(timeline_report(RUN))
    assert text.startswith("W25Q128[1].stldr under STM32CubeProgrammer on STM32F7 with a serial NOR")
    assert "1,234" in text
    assert "  sector erase 0x000000" in text
    assert "stack: 96 of 1024 bytes\n" in text
    assert text.endswith("passed\n")
    assert all(len(line) <= 80 for line in text.splitlines())


def test_everything_that_counts_against_a_loader() -> None:
    assert RUN.footprint is not None
    footprint = RUN.footprint.model_copy(
        update={"stack_bytes": 0x400, "stray_writes": (AddressRange(start=4, size_bytes=4),)}
    )
    run = RUN.model_copy(
        update={
            "entries": (GOOD, BAD),
            "violations": ("program without write enable",),
            "remarks": ("write enable while busy",),
            "guesses": (GuessedRegister(address=0x5802_4818, reads=1), GuessedRegister(address=0x5802_481C, reads=3)),
            "ended_early": "Write ended by fault.",
            "footprint": footprint,
        }
    )
    text = rendered(timeline_report(run))
    assert "FAILED" in text
    assert "  expected: programmed" in text
    assert "and 3 more" in text
    assert "guessed: 0x58024818, once\n" in text
    assert "guessed: 0x5802481c, 3 times\n" in text
    assert "against the rules of the devices: 1\n  program without write enable\n" in text
    assert "ignored, without harm in the model:\n  write enable while busy\n" in text
    assert "ended early: Write ended by fault.\n" in text
    assert "stack: 1024 of 1024 bytes, all that the host gives\n" in text
    assert "writes outside of image, stack and buffer: 0x00000004..0x00000007\n" in text
    assert text.endswith("FAILED\n")


def test_guesses_count_where_they_are_not_allowed() -> None:
    guessed = RUN.model_copy(update={"guesses": (GuessedRegister(address=0x4000_0000, reads=1),)})
    assert guessed.passed
    assert not guessed.model_copy(update={"guesses_allowed": False}).passed


def proof(*differences: ProofDifference) -> Proof:
    return Proof(
        machine=RUN.machine,
        source=RUN,
        converted=RUN.model_copy(update={"loader": "W25Q128.FLM", "host": "uVision"}),
        compared=("The hosts' verdicts on 1 operation.",),
        not_compared=("What hosts cut in different ways.",),
        differences=differences,
    )


def test_equal_loaders() -> None:
    text = rendered(proof_report(proof()))
    assert text.startswith("W25Q128[1].stldr against W25Q128.FLM on STM32F7")
    assert "compared: The hosts' verdicts on 1 operation.\nnot compared: What hosts" in text
    assert text.endswith("W25Q128.FLM behaves as its source in the model.\n")
    assert "works" not in text
    assert all(len(line) <= 80 for line in text.splitlines())


def test_difference_shows_both_sides() -> None:
    difference = ProofDifference(
        operation="erase the first sector",
        respect=Compared.ACCESSES,
        message="In SectorErase, access 3 to a device differs.",
        source="write 0xa0001000 = 0x01 at 0x20000100 (SectorErase+0x10)",
        converted="no more access",
    )
    text = rendered(proof_report(proof(difference)), width=120)
    assert "DIFFERENT accesses, erase the first sector: In SectorErase, access 3 to a device differs.\n" in text
    assert "  source:    write 0xa0001000 = 0x01 at 0x20000100 (SectorErase+0x10)\n" in text
    assert "  converted: no more access\n" in text
    assert text.endswith("W25Q128.FLM does NOT behave as its source.\n")


def test_list_of_machines() -> None:
    text = rendered(machine_list([("stm32-qspi", "STM32 with QUADSPI", ("mapped", "qpi")), ("generic", "any", ())]))
    assert "stm32-qspi" in text
    assert "second-session, mapped, qpi" in text
