"""The strict flash controller, rule by rule, through its windows."""

import pytest

from loaderconv.emulator.devices.flash_geometry import STRICT_NOR_64K, STRICT_NOR_ODD_PAGE, FlashGeometry
from loaderconv.emulator.devices.peripheral import BusFault, Peripheral, Window
from loaderconv.emulator.devices.strict_controller import (
    ARRAY_BASE,
    LOCK_KEY,
    REGISTERS_BASE,
    UNLOCK_KEYS,
    Command,
    Mode,
    Offset,
    Operation,
    Status,
    StrictController,
)
from loaderconv_schemas.device import SectorRun

PAGE_BYTES = STRICT_NOR_64K.page_size_bytes
ZERO_PAGE = bytes(PAGE_BYTES)

# 3 KiB in pages of 640 bytes: the fifth page has 512.
CLIPPED = FlashGeometry(0xC00, (SectorRun(offset_bytes=0, sector_size_bytes=0xC00, count=1),), 640)


class Driver:
    """A well-behaved driver; the tests break its manners one at a time."""

    def __init__(self, controller: StrictController) -> None:
        self.controller = controller
        self.registers, self.array = controller.windows()

    def write(self, register: int, value: int, size_bytes: int = 4) -> None:
        self.registers.write(register, size_bytes, value)

    def read(self, register: int, size_bytes: int = 4) -> int:
        return self.registers.read(register, size_bytes)

    def wait(self) -> bool:
        """Wait until not BUSY, clear ERROR, and tell whether there was none."""
        for _ in range(100):
            status = self.read(Offset.STATUS)
            if not status & Status.BUSY:
                self.write(Offset.STATUS, Status.ERROR)
                return not status & Status.ERROR
        raise AssertionError("BUSY for ever")

    def unlock(self) -> None:
        for key in UNLOCK_KEYS:
            self.write(Offset.KEY, key)

    def enter(self, mode: int) -> bool:
        self.write(Offset.MODE, mode)
        return self.wait()

    def command(self, command: int, offset_bytes: int = 0) -> bool:
        self.write(Offset.ADDRESS, ARRAY_BASE + offset_bytes)
        self.write(Offset.COMMAND, command)
        return self.wait()

    def program(self, data: bytes, offset_bytes: int = 0) -> bool:
        if not self.command(Command.START_PAGE, offset_bytes):
            return False
        self.fill(data)
        self.write(Offset.COMMAND, Command.COMMIT_PAGE)
        return self.wait()

    def fill(self, data: bytes) -> None:
        for at in range(0, len(data), 4):
            self.write(Offset.DATA, int.from_bytes(data[at : at + 4], "little"))


def driver_in(mode: Mode, geometry: FlashGeometry = STRICT_NOR_64K) -> Driver:
    driver = Driver(StrictController(geometry))
    driver.unlock()
    if mode is not Mode.IDLE:
        assert driver.enter(mode)
    return driver


def only_violation(driver: Driver) -> str:
    (violation,) = driver.controller.violations
    return violation


def test_it_is_a_peripheral_with_two_windows() -> None:
    peripheral: Peripheral = StrictController()
    registers, array = peripheral.windows()
    assert (registers.range.start, registers.range.size_bytes) == (REGISTERS_BASE, 0x400)
    assert (array.range.start, array.range.size_bytes) == (ARRAY_BASE, 0x1_0000)
    assert isinstance(registers, Window)


def test_a_whole_session_leaves_no_violation() -> None:
    driver = driver_in(Mode.ERASE)
    controller = driver.controller
    assert driver.command(Command.ERASE_SECTOR, 0x4000)
    assert driver.enter(Mode.IDLE)
    assert driver.enter(Mode.PROGRAM)
    page = bytes(range(256))
    assert driver.program(page, 0x4000)
    assert driver.enter(Mode.IDLE)
    assert driver.enter(Mode.MAPPED_READ)
    assert driver.array.read(0x4004, 4) == 0x07060504
    assert driver.array.read(0x40FF, 1) == 0xFF
    assert driver.enter(Mode.IDLE)
    driver.write(Offset.KEY, LOCK_KEY)
    assert controller.array[0x4000:0x4100] == page
    assert controller.violations == []
    assert (controller.counters.sectors_erased, controller.counters.pages_programmed) == (1, 1)
    assert (controller.counters.mode_changes, controller.counters.mapped_reads) == (6, 2)
    assert (controller.mode, controller.is_unlocked) == (Mode.IDLE, False)


class TestKey:
    @pytest.mark.parametrize(
        "written",
        [
            (),
            UNLOCK_KEYS[:1],
            UNLOCK_KEYS[1:],
            (UNLOCK_KEYS[1], UNLOCK_KEYS[0]),
            (UNLOCK_KEYS[0], 0, UNLOCK_KEYS[1]),
            (*UNLOCK_KEYS, LOCK_KEY),
            (*UNLOCK_KEYS, UNLOCK_KEYS[1]),
        ],
    )
    def test_anything_but_both_keys_in_order_locks(self, written: tuple[int, ...]) -> None:
        driver = Driver(StrictController())
        for key in written:
            driver.write(Offset.KEY, key)
        assert not driver.read(Offset.STATUS) & Status.UNLOCKED
        assert driver.controller.violations == []

    @pytest.mark.parametrize("before", [(), UNLOCK_KEYS, UNLOCK_KEYS[:1], (LOCK_KEY,)])
    def test_both_keys_unlock_from_any_state(self, before: tuple[int, ...]) -> None:
        driver = Driver(StrictController())
        for key in before:
            driver.write(Offset.KEY, key)
        driver.unlock()
        assert driver.read(Offset.STATUS) == Status.UNLOCKED

    @pytest.mark.parametrize("register", [Offset.MODE, Offset.ADDRESS, Offset.COMMAND, Offset.DATA])
    def test_locked_registers_take_nothing(self, register: Offset) -> None:
        driver = Driver(StrictController())
        driver.write(register, 1)
        assert not driver.wait()
        assert only_violation(driver) == f"{register.name} written with 0x1 while locked"
        assert driver.controller.mode is Mode.IDLE


class TestMode:
    @pytest.mark.parametrize("first", [Mode.ERASE, Mode.PROGRAM, Mode.MAPPED_READ])
    @pytest.mark.parametrize("second", [Mode.ERASE, Mode.PROGRAM, Mode.MAPPED_READ])
    def test_a_change_has_to_pass_idle(self, first: Mode, second: Mode) -> None:
        driver = driver_in(first)
        assert not driver.enter(second)
        assert only_violation(driver) == f"MODE changed from {first.name} to {second.name} without passing IDLE"
        assert driver.controller.mode is first
        assert driver.enter(Mode.IDLE)
        assert driver.enter(second)

    def test_unknown_mode(self) -> None:
        driver = driver_in(Mode.IDLE)
        assert not driver.enter(4)
        assert only_violation(driver) == "MODE 4 does not exist"

    def test_an_open_page_has_to_be_committed_first(self) -> None:
        driver = driver_in(Mode.PROGRAM)
        driver.command(Command.START_PAGE)
        assert not driver.enter(Mode.IDLE)
        assert "not committed" in only_violation(driver)

    def test_it_can_be_read_back(self) -> None:
        assert driver_in(Mode.PROGRAM).read(Offset.MODE) == Mode.PROGRAM


class TestStatus:
    def test_busy_lasts_for_the_polls_and_hides_the_error(self) -> None:
        driver = driver_in(Mode.ERASE)
        driver.controller.fail_next(Operation.ERASE_CHIP)
        driver.write(Offset.COMMAND, Command.ERASE_CHIP)
        seen = [driver.read(Offset.STATUS) & ~Status.UNLOCKED for _ in range(4)]
        assert seen == [Status.BUSY, Status.BUSY, Status.BUSY, Status.ERROR]

    def test_error_stays_until_one_is_written(self) -> None:
        driver = driver_in(Mode.IDLE)
        driver.write(Offset.COMMAND, 99)
        for value in (0, Status.BUSY, Status.UNLOCKED):
            driver.write(Offset.STATUS, value)
            assert driver.read(Offset.STATUS) & Status.ERROR
        driver.write(Offset.STATUS, Status.ERROR)
        assert not driver.read(Offset.STATUS) & Status.ERROR

    def test_a_command_with_error_set_is_refused(self) -> None:
        driver = driver_in(Mode.ERASE)
        driver.write(Offset.COMMAND, 99)
        driver.write(Offset.COMMAND, Command.ERASE_CHIP)
        assert driver.controller.violations[1] == "COMMAND written with 0x2 while ERROR is set"
        assert driver.controller.counters.chips_erased == 0

    @pytest.mark.parametrize(
        "register", [Offset.KEY, Offset.MODE, Offset.ADDRESS, Offset.COMMAND, Offset.DATA], ids=lambda each: each.name
    )
    def test_nothing_may_be_written_while_busy(self, register: Offset) -> None:
        driver = driver_in(Mode.ERASE)
        driver.write(Offset.COMMAND, Command.ERASE_CHIP)
        driver.write(register, 1)
        assert only_violation(driver) == f"{register.name} written with 0x1 while BUSY"
        assert not driver.wait()

    def test_no_busy_where_none_is_wanted(self) -> None:
        driver = Driver(StrictController(busy_polls=0))
        driver.unlock()
        driver.write(Offset.MODE, Mode.ERASE)
        assert driver.read(Offset.STATUS) == Status.UNLOCKED


class TestErase:
    @pytest.mark.parametrize(
        ("start", "size_bytes"), [(0, 0x1000), (0x3000, 0x1000), (0x4000, 0x4000), (0xC000, 0x4000)]
    )
    def test_a_sector_and_nothing_else_becomes_erased(self, start: int, size_bytes: int) -> None:
        driver = driver_in(Mode.ERASE)
        array = driver.controller.array
        array[:] = bytes(len(array))
        assert driver.command(Command.ERASE_SECTOR, start)
        expected = bytearray(len(array))
        expected[start : start + size_bytes] = b"\xff" * size_bytes
        assert array == expected

    @pytest.mark.parametrize("start", [4, 0x100, 0x800, 0x5000, 0xFFFF, 0x1_0000, -0x1000, -ARRAY_BASE])
    def test_only_at_the_exact_start_of_a_sector(self, start: int) -> None:
        driver = driver_in(Mode.ERASE)
        assert not driver.command(Command.ERASE_SECTOR, start)
        assert only_violation(driver) == f"ERASE_SECTOR at 0x{ARRAY_BASE + start:08x}, where no sector starts"

    def test_sectors_need_not_be_powers_of_two(self) -> None:
        run = SectorRun(offset_bytes=0, sector_size_bytes=0xC00, count=16)
        driver = driver_in(Mode.ERASE, FlashGeometry(0xC000, (run,), 0x180))
        assert driver.command(Command.ERASE_SECTOR, 0xC00)
        assert not driver.command(Command.ERASE_SECTOR, 0x1000)

    def test_chip(self) -> None:
        driver = driver_in(Mode.ERASE)
        driver.controller.array[:] = bytes(0x1_0000)
        assert driver.command(Command.ERASE_CHIP)
        assert driver.controller.array == b"\xff" * 0x1_0000
        assert driver.controller.counters.chips_erased == 1


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("command", list(Command))
def test_commands_belong_to_modes(mode: Mode, command: Command) -> None:
    allowed = {
        Mode.ERASE: {Command.ERASE_SECTOR, Command.ERASE_CHIP, Command.START_READ},
        Mode.PROGRAM: {Command.START_PAGE},
        Mode.MAPPED_READ: {Command.START_READ},
    }
    driver = driver_in(mode)
    is_allowed = command in allowed.get(mode, set())
    assert driver.command(command) == is_allowed
    assert (driver.controller.violations == []) == is_allowed


def test_unknown_command() -> None:
    driver = driver_in(Mode.ERASE)
    assert not driver.command(6)
    assert only_violation(driver) == "COMMAND 6 does not exist"


class TestProgram:
    @pytest.mark.parametrize("start", [4, 0x80, 0x1_0000, -PAGE_BYTES])
    def test_only_at_the_start_of_a_page(self, start: int) -> None:
        driver = driver_in(Mode.PROGRAM)
        assert not driver.command(Command.START_PAGE, start)
        assert "where no page starts" in only_violation(driver)

    def test_the_grid_is_relative_to_the_array(self) -> None:
        assert ARRAY_BASE % 320 != 0
        driver = driver_in(Mode.PROGRAM, STRICT_NOR_ODD_PAGE)
        assert driver.program(bytes(320), 320)
        assert driver.controller.array[319:641] == b"\xff" + bytes(320) + b"\xff"
        assert not driver.command(Command.START_PAGE, 0x200)

    @pytest.mark.parametrize("size_bytes", [0, 4, PAGE_BYTES - 4])
    def test_a_short_page_is_not_committed(self, size_bytes: int) -> None:
        driver = driver_in(Mode.PROGRAM)
        assert not driver.program(bytes(size_bytes))
        assert only_violation(driver) == f"COMMIT_PAGE after {size_bytes} of 256 bytes"
        assert driver.controller.array[:PAGE_BYTES] == b"\xff" * PAGE_BYTES

    def test_a_word_too_many(self) -> None:
        driver = driver_in(Mode.PROGRAM)
        driver.command(Command.START_PAGE)
        driver.fill(bytes(PAGE_BYTES + 4))
        assert only_violation(driver) == "DATA written behind the page of 256 bytes"

    def test_the_last_page_ends_with_the_array(self) -> None:
        driver = driver_in(Mode.PROGRAM, CLIPPED)
        assert driver.program(bytes(512), 2560)
        driver.command(Command.START_PAGE, 2560)
        driver.fill(bytes(512))
        assert driver.controller.violations == []
        driver.fill(bytes(4))
        assert only_violation(driver) == "DATA written behind the page of 512 bytes"

    def test_it_clears_bits(self) -> None:
        driver = driver_in(Mode.PROGRAM)
        assert driver.program(b"\x3c" * PAGE_BYTES)
        assert driver.program(b"\x0c" * PAGE_BYTES)
        assert driver.controller.array[:PAGE_BYTES] == b"\x0c" * PAGE_BYTES

    def test_it_cannot_set_bits(self) -> None:
        driver = driver_in(Mode.PROGRAM)
        assert driver.program(b"\x3c" * PAGE_BYTES)
        assert not driver.program(b"\x3c" * 9 + b"\x0d" * (PAGE_BYTES - 9))
        assert only_violation(driver).startswith("page programmed a bit from 0 to 1 at 0x90000009")
        assert driver.controller.array[8:10] == b"\x3c\x0c"

    def test_erased_bytes_harm_nothing(self) -> None:
        driver = driver_in(Mode.PROGRAM)
        assert driver.program(ZERO_PAGE)
        assert driver.program(b"\xff" * PAGE_BYTES)
        assert driver.controller.array[:PAGE_BYTES] == ZERO_PAGE

    def test_data_without_a_page(self) -> None:
        driver = driver_in(Mode.PROGRAM)
        driver.write(Offset.DATA, 0)
        assert only_violation(driver) == "DATA written with no page started"

    def test_start_twice(self) -> None:
        driver = driver_in(Mode.PROGRAM)
        driver.command(Command.START_PAGE)
        assert not driver.command(Command.START_PAGE, PAGE_BYTES)
        assert "not committed" in only_violation(driver)


class TestRead:
    @pytest.mark.parametrize("mode", [Mode.IDLE, Mode.ERASE, Mode.PROGRAM])
    def test_the_array_is_mapped_in_mode_3_only(self, mode: Mode) -> None:
        driver = driver_in(mode)
        with pytest.raises(BusFault, match="array read at 0x90000010"):
            driver.array.read(0x10, 4)
        assert only_violation(driver) == f"array read at 0x90000010 in mode {mode.name}"

    def test_not_while_busy(self) -> None:
        driver = driver_in(Mode.IDLE)
        driver.write(Offset.MODE, Mode.MAPPED_READ)
        with pytest.raises(BusFault, match="BUSY"):
            driver.array.read(0, 1)

    @pytest.mark.parametrize("mode", list(Mode))
    def test_the_array_is_never_written_directly(self, mode: Mode) -> None:
        driver = driver_in(mode)
        with pytest.raises(BusFault, match="written directly"):
            driver.array.write(0x20, 2, 0xBEEF)
        assert only_violation(driver) == "array at 0x90000020 written directly with 0xbeef"

    @pytest.mark.parametrize("mode", [Mode.ERASE, Mode.MAPPED_READ])
    def test_through_data_word_by_word(self, mode: Mode) -> None:
        driver = driver_in(mode)
        driver.controller.array[-8:] = bytes(range(8))
        assert driver.command(Command.START_READ, 0xFFF8)
        assert [driver.read(Offset.DATA) for _ in range(2)] == [0x03020100, 0x07060504]
        assert driver.controller.violations == []
        driver.read(Offset.DATA)
        assert only_violation(driver) == "DATA read behind the end of the array"

    def test_through_data_has_to_be_started(self) -> None:
        driver = driver_in(Mode.MAPPED_READ)
        driver.read(Offset.DATA)
        assert only_violation(driver) == "DATA read with no read started"

    def test_through_data_not_while_busy(self) -> None:
        driver = driver_in(Mode.MAPPED_READ)
        driver.write(Offset.ADDRESS, ARRAY_BASE)
        driver.write(Offset.COMMAND, Command.START_READ)
        driver.read(Offset.DATA)
        assert only_violation(driver) == "DATA read while BUSY"

    @pytest.mark.parametrize("start", [2, -4, 0x1_0000])
    def test_through_data_from_a_word_of_the_array(self, start: int) -> None:
        driver = driver_in(Mode.MAPPED_READ)
        assert not driver.command(Command.START_READ, start)
        assert "where no word of the array starts" in only_violation(driver)

    def test_a_change_of_mode_ends_it(self) -> None:
        driver = driver_in(Mode.MAPPED_READ)
        driver.command(Command.START_READ)
        driver.enter(Mode.IDLE)
        driver.read(Offset.DATA)
        assert only_violation(driver) == "DATA read with no read started"


class TestRegisterAccess:
    @pytest.mark.parametrize("size_bytes", [1, 2])
    def test_narrow_writes_do_nothing(self, size_bytes: int) -> None:
        driver = driver_in(Mode.PROGRAM)
        driver.command(Command.START_PAGE)
        driver.write(Offset.DATA, 0, size_bytes)
        assert only_violation(driver) == f"register at 0x10 written with {8 * size_bytes} bits; it takes 32"

    def test_narrow_reads(self) -> None:
        driver = driver_in(Mode.IDLE)
        assert driver.read(Offset.STATUS, 1) == 0
        assert only_violation(driver) == "register at 0x14 read with 8 bits; it takes 32"

    def test_registers_that_do_not_exist(self) -> None:
        driver = driver_in(Mode.IDLE)
        driver.write(0x18, 1)
        assert driver.read(0x3FC) == 0
        assert driver.controller.violations == [
            "register at 0x18 written, which does not exist",
            "register at 0x3fc read, which does not exist",
        ]

    @pytest.mark.parametrize("register", [Offset.KEY, Offset.COMMAND])
    def test_write_only_registers(self, register: Offset) -> None:
        driver = driver_in(Mode.IDLE)
        assert driver.read(register) == 0
        assert only_violation(driver) == f"{register.name} read, which can only be written"

    def test_address_can_be_read_back(self) -> None:
        driver = driver_in(Mode.IDLE)
        driver.write(Offset.ADDRESS, 0x1234_5678)
        assert driver.read(Offset.ADDRESS) == 0x1234_5678


class TestFailNext:
    def test_sector_erase(self) -> None:
        driver = driver_in(Mode.ERASE)
        driver.controller.array[:] = bytes(0x1_0000)
        driver.controller.fail_next(Operation.ERASE_SECTOR)
        assert not driver.command(Command.ERASE_SECTOR)
        assert driver.controller.array[0] == 0
        assert driver.command(Command.ERASE_SECTOR)
        assert driver.controller.array[0] == 0xFF
        assert driver.controller.violations == []

    def test_only_the_named_operation_fails(self) -> None:
        driver = driver_in(Mode.ERASE)
        driver.controller.fail_next(Operation.ERASE_CHIP)
        assert driver.command(Command.ERASE_SECTOR)
        assert not driver.command(Command.ERASE_CHIP)

    def test_page_program(self) -> None:
        driver = driver_in(Mode.PROGRAM)
        driver.controller.fail_next(Operation.PROGRAM_PAGE)
        assert not driver.program(ZERO_PAGE)
        assert driver.controller.array[:PAGE_BYTES] == b"\xff" * PAGE_BYTES
        assert driver.program(ZERO_PAGE)
        assert driver.controller.counters.pages_programmed == 1

    def test_mode_change(self) -> None:
        driver = driver_in(Mode.IDLE)
        driver.controller.fail_next(Operation.MODE_CHANGE)
        assert not driver.enter(Mode.ERASE)
        assert driver.controller.mode is Mode.IDLE
        assert driver.enter(Mode.ERASE)

    def test_calls_add_up(self) -> None:
        driver = driver_in(Mode.ERASE)
        for _ in range(2):
            driver.controller.fail_next(Operation.ERASE_CHIP)
        assert [driver.command(Command.ERASE_CHIP) for _ in range(3)] == [False, False, True]


def test_reset_locks_and_keeps_the_array() -> None:
    driver = driver_in(Mode.PROGRAM)
    driver.program(ZERO_PAGE)
    driver.command(Command.START_PAGE)
    driver.write(Offset.COMMAND, 99)
    driver.controller.reset()
    assert driver.read(Offset.STATUS) == 0
    assert driver.controller.mode is Mode.IDLE
    assert driver.controller.array[:PAGE_BYTES] == ZERO_PAGE
    assert len(driver.controller.violations) == 1
    driver.unlock()
    assert driver.enter(Mode.ERASE)


@pytest.mark.parametrize(
    ("array_size_bytes", "runs", "page_size_bytes", "reason"),
    [
        (0x1001, ((0, 0x1001, 1),), 4, "multiple of 1 KiB"),
        (0, (), 4, "multiple of 1 KiB"),
        (0x400, ((0, 0x400, 1),), 6, "multiple of 4"),
        (0x400, ((0, 0x400, 1),), 0, "multiple of 4"),
        (0x800, ((0, 0x400, 1),), 4, "end at 0x400"),
        (0x800, ((0, 0x400, 1), (0x500, 0x300, 1)), 4, "should start at 0x400"),
    ],
)
def test_geometry_without_sense_is_refused(
    array_size_bytes: int, runs: tuple[tuple[int, int, int], ...], page_size_bytes: int, reason: str
) -> None:
    sector_runs = tuple(SectorRun(offset_bytes=at, sector_size_bytes=size, count=count) for at, size, count in runs)
    with pytest.raises(ValueError, match=reason):
        FlashGeometry(array_size_bytes, sector_runs, page_size_bytes)
