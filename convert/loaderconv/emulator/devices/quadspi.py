"""QUADSPI of STM32F4, F7, L4, G4 and H74x/H75x.

Source: RM0433, chapter "Quad-SPI interface", registers; the same in RM0090, RM0385, RM0351 and RM0440.
"""

from loaderconv.emulator.devices.serial_controller import ControllerLayout, FunctionalMode, SerialController
from loaderconv.emulator.devices.serial_nor_frame import Frame

CR, DCR, SR, FCR, DLR, CCR, AR, ABR, DR, PSMKR, PSMAR, PIR, LPTR = range(0, 0x34, 4)

LINES = (0, 1, 2, 4)
QUAD_READ_CCR = 3 << 26 | 3 << 24 | 8 << 18 | 1 << 10 | 1 << 8
"""Memory-mapped, 8 dummy cycles, data on four lines, opcode and address on one."""
QUAD_READ = 0x6B
QUAD_READ_FOUR_BYTE = 0x6C


class Quadspi(SerialController):
    """The controller; SerialController says what it does."""

    layout = ControllerLayout(
        name="QUADSPI",
        control=CR,
        size=DCR,
        status=SR,
        clear=FCR,
        length=DLR,
        instruction=CCR,
        address=AR,
        data=DR,
        mask=PSMKR,
        match=PSMAR,
        known=frozenset(range(0, 0x34, 4)),
    )

    @property
    def _mode(self) -> FunctionalMode:
        return FunctionalMode(self._registers[CCR] >> 26 & 3)

    @property
    def _has_address(self) -> bool:
        return bool(self._registers[CCR] >> 10 & 3)

    @property
    def _has_data(self) -> bool:
        return bool(self._registers[CCR] >> 24 & 3)

    def _frame(self, address: int | None) -> Frame:
        setup = self._registers[CCR]
        opcode_lines, alternate_lines = LINES[setup >> 8 & 3], LINES[setup >> 14 & 3]
        alternate_bytes = (setup >> 16 & 3) + 1 if alternate_lines else 0
        return Frame(
            opcode=setup & 0xFF if opcode_lines else None,
            opcode_lines=opcode_lines,
            address=address,
            address_bytes=(setup >> 12 & 3) + 1,
            alternate=self._registers[ABR].to_bytes(4, "big")[4 - alternate_bytes :],
            dummy_cycles=setup >> 18 & 0x1F,
            data_lines=LINES[setup >> 24 & 3],
        )

    def _mapped_setup(self, size_field: int) -> dict[int, int]:
        is_large = size_field >= 24
        opcode = QUAD_READ_FOUR_BYTE if is_large else QUAD_READ
        return {CR: 1, DCR: size_field << 16, CCR: QUAD_READ_CCR | (3 if is_large else 2) << 12 | opcode}
