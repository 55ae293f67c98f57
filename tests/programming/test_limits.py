"""What is refused before anything is erased."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaderconv.programming.limits import check_within, refuse_protected, refuse_protected_pieces
from loaderconv.programming.protected_areas import PROTECTED_AREAS, ProtectedArea
from loaderconv_formats.firmware.image import FirmwareImage, FirmwarePiece
from loaderconv_schemas.address_range import AddressRange
from loaderconv_schemas.device import Device, DeviceKind, SectorRun
from loaderconv_schemas.errors import UsageProblem
from support.fuzzing import fuzz_settings

KIB = 1024


def device(
    name: str = "STM32F4xx 1MB Flash",
    base_address: int = 0x0800_0000,
    size_bytes: int = 1024 * KIB,
    kind: DeviceKind = DeviceKind.MCU_FLASH,
) -> Device:
    return Device(
        name=name,
        kind=kind,
        base_address=base_address,
        size_bytes=size_bytes,
        page_size_bytes=256,
        sectors=(SectorRun(offset_bytes=0, sector_size_bytes=4 * KIB, count=size_bytes // (4 * KIB)),),
    )


def image(*pieces: tuple[int, bytes]) -> FirmwareImage:
    return FirmwareImage("app.hex", tuple(FirmwarePiece(address, data) for address, data in pieces))


def between(start: int, end: int) -> AddressRange:
    return AddressRange(start=start, size_bytes=end - start)


class TestWithin:
    @pytest.mark.parametrize(
        ("wanted", "allowed"),
        [
            pytest.param(between(0x0800_0000, 0x0810_0000), None, id="all of it"),
            pytest.param(between(0x080F_FFFF, 0x0810_0000), None, id="its last byte"),
            pytest.param(between(0x0801_0000, 0x0802_0000), between(0x0801_0000, 0x0802_0000), id="all of --range"),
            pytest.param(
                between(0x0801_0000, 0x0801_0001), between(0, 0x1000_0000), id="a range larger than the device"
            ),
            pytest.param(between(0x2000_0000, 0x2000_0000), None, id="nothing"),
        ],
    )
    def test_passes(self, wanted: AddressRange, allowed: AddressRange | None) -> None:
        check_within([wanted], device(), allowed)

    @pytest.mark.parametrize(
        ("wanted", "allowed", "first"),
        [
            pytest.param(between(0x0800_0000, 0x0810_0001), None, "0x08100000", id="one byte too far"),
            pytest.param(between(0x07FF_FFFF, 0x0800_0001), None, "0x07ffffff", id="one byte too early"),
            pytest.param(between(0x9000_0000, 0x9000_0004), None, "0x90000000", id="another memory"),
            pytest.param(
                between(0x0801_0000, 0x0812_0000), between(0x0801_0000, 0x0802_0000), "0x08020000", id="behind --range"
            ),
            pytest.param(
                between(0x0800_0000, 0x0801_0001), between(0x0801_0000, 0x0802_0000), "0x08000000", id="before --range"
            ),
            pytest.param(
                between(0x080F_0000, 0x0811_0000), between(0x0800_0000, 0x0900_0000), "0x08100000", id="range is larger"
            ),
        ],
    )
    def test_names_the_first_address_outside(
        self, wanted: AddressRange, allowed: AddressRange | None, first: str
    ) -> None:
        with pytest.raises(UsageProblem) as caught:
            check_within([between(0x0801_0000, 0x0801_0004), wanted], device(), allowed)
        assert caught.value.message.startswith(first)
        assert "the device (0x08000000..0x080fffff)" in caught.value.message
        assert ("--range" in caught.value.message) == (allowed is not None)
        assert allowed is None or str(allowed) in caught.value.message

    def test_a_device_beyond_32_bits(self) -> None:
        with pytest.raises(UsageProblem, match="beyond 32 bits"):
            check_within(
                [between(0xF000_0000, 0xF000_0001)], device(base_address=0xF000_0000, size_bytes=1 << 29), None
            )

    @pytest.mark.parametrize(
        ("name", "refused"),
        [
            pytest.param("FlashNRF52xxx", True, id="of this family"),
            pytest.param("MKXX 128kB DFlash SEC(4KB)", False, id="ordinary memory of another chip"),
        ],
    )
    def test_protected_areas_inside_of_a_larger_device(self, name: str, refused: bool) -> None:
        large = device(name, 0, 0x1000_2000)
        wanted = between(0x1000_1FFC, 0x1000_2000)
        check_within([between(0, 0x1000_1000)], large, None)
        if not refused:
            return check_within([wanted], large, None)
        with pytest.raises(UsageProblem, match="UICR"):
            check_within([wanted], large, None)
        return None

    @fuzz_settings
    @given(
        st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=4), st.integers(0, 40), st.integers(0, 40)
    )
    def test_is_about_every_byte(self, wanted: list[tuple[int, int]], start: int, size: int) -> None:
        memory = device("any", 10, 20)
        allowed = AddressRange(start=start, size_bytes=size)
        ranges = [AddressRange(start=at, size_bytes=count) for at, count in wanted]
        outside = [
            byte
            for each in ranges
            for byte in range(each.start, each.end)
            if byte not in allowed or not 10 <= byte < 30
        ]
        if not outside:
            return check_within(ranges, memory, allowed)
        with pytest.raises(UsageProblem, match=f"^0x{min(outside):08x} of "):
            check_within(ranges, memory, allowed)
        return None


class TestProtectedDevices:
    @pytest.mark.parametrize(
        ("name", "base_address", "said"),
        [
            ("STM32F10x Flash Options", 0x1FFF_F800, "option bytes"),
            ("STM32F42xxx/43xxx Flash Options", 0x1FFF_C000, "option bytes"),
            ("STM32F4xx Flash OTP", 0x1FFF_7800, "one-time programmable"),
            ("STM32L4xx dual bank Flash Options", 0x1FFF_7800, "option bytes"),
            ("STM32L4xx Flash OTP", 0x1FFF_7000, "one-time programmable"),
            ("STM32L4Rx Flash Options Dual Bank", 0x1FF0_0000, "option bytes"),
            ("STM32F76x/7x Flash Options", 0x1FFF_0000, "option bytes"),
            ("STM32F7xx Flash OTP", 0x1FF0_F000, "one-time programmable"),
            ("STM32F72x/3x Flash OTP", 0x1FF0_7800, "one-time programmable"),
            ("STM32L0xx", 0x1FF8_0000, "option bytes"),
            ("STM32WBxx", 0x1FFF_8000, "option bytes"),
            ("STM32U5xx", 0x4002_2040, "option bytes"),
            ("STM32H7xx", 0x5200_201C, "option bytes"),
            ("STM32H5xx", 0x08FF_F000, "one-time programmable"),
            ("nRF52xxx UICR Erase", 0x1000_1000, "UICR"),
            ("nRF53xxx_app UICR Erase", 0x00FF_8000, "UICR"),
            ("nRF53xxx_net UICR Erase", 0x01FF_8000, "UICR"),
            ("ATSAME7x GPNVM bits", 0x1FFF_FFF0, "GPNVM"),
            ("unnamed", 0x1FFF_C000, "option bytes"),
            pytest.param("HC32F460 otp Flash", 0x0300_0C00, "one-time programmable", id="OTP of an HC32"),
            *((name, 0x9000_0000, "its name says") for name in ("X_OPT", "OptionBytes", "chipOTP", "eFuse", "fuses 2")),
        ],
    )
    def test_are_refused(self, name: str, base_address: int, said: str) -> None:
        with pytest.raises(UsageProblem, match=said) as caught:
            refuse_protected(device(name, base_address, 16))
        assert name in caught.value.message
        assert "vendor" in caught.value.hint

    @pytest.mark.parametrize(
        ("name", "base_address", "size_bytes", "kind"),
        [
            ("STM32F4xx 1MB Flash", 0x0800_0000, 1 << 20, DeviceKind.MCU_FLASH),
            ("STM32F7x TCM 2MB Flash", 0x0020_0000, 2 << 20, DeviceKind.MCU_FLASH),
            ("nRF52xxx", 0, 2 << 20, DeviceKind.MCU_FLASH),
            ("MKXX 128kB DFlash SEC(4KB)", 0x1000_0000, 128 * KIB, DeviceKind.MCU_FLASH),
            ("MIMXRT_FLEXSPI", 0, 1 << 30, DeviceKind.SPI_FLASH),
            ("LPC55S36 MX25UM51345G 64MB S Flash", 0x1800_0000, 64 << 20, DeviceKind.NOR_FLASH),
            ("OptiMOS_Optional", 0x9000_0000, 1 << 20, DeviceKind.SPI_FLASH),
            ("Adopt-refused footprint", 0x9000_0000, 1 << 20, DeviceKind.SPI_FLASH),
            ("K60 SRAM_L", 0x1FFF_0000, 64 * KIB, DeviceKind.SRAM),
        ],
    )
    def test_others_are_not(self, name: str, base_address: int, size_bytes: int, kind: DeviceKind) -> None:
        refuse_protected(device(name, base_address, size_bytes, kind))

    @pytest.mark.parametrize("area", PROTECTED_AREAS, ids=lambda area: f"{area.what} {area.range}")
    def test_no_area_lies_in_the_main_flash_of_common_chips(self, area: ProtectedArea) -> None:
        for base_address, size_bytes in ((0, 0x0080_0000), (0x0800_0000, 4 << 20), (0x9000_0000, 256 << 20)):
            assert not area.range.overlaps(AddressRange(start=base_address, size_bytes=size_bytes))


class TestSecurityByte:
    @pytest.mark.parametrize(
        ("name", "address"),
        [
            ("MKxxN 1024KB Prog Flash", 0x40C),
            ("MKXX 64kB Prog Flash", 0x40C),
            ("MKL25Z128", 0x40C),
            ("FlashKL46Z256", 0x40C),
            ("S32K144 512KB", 0x40C),
            ("Kinetis K22", 0x40C),
            ("MKE02Zxxx 16kB P-Flash", 0x40E),
            ("FlashKE06Z", 0x40E),
            ("MKE15Z256", 0x40C),
        ],
    )
    def test_must_leave_the_chip_unsecured(self, name: str, address: int) -> None:
        kinetis = device(name, 0, 64 * KIB)
        for value, said in ((0xFE, None), (0xBE, None), (0xFF, "secure"), (0, "secure"), (0xEF, "for ever")):
            contents = bytearray(b"\xff" * 16)
            contents[address - 0x400] = value
            firmware = image((0, bytes(64)), (0x400, bytes(contents)))
            if said is None:
                refuse_protected_pieces(firmware, kinetis)
                continue
            with pytest.raises(UsageProblem, match=said) as caught:
                refuse_protected_pieces(firmware, kinetis)
            assert f"0x{value:02x} for FSEC at 0x{address:08x}" in caught.value.message
            assert ("for ever" in caught.value.message) == (said == "for ever")

    @pytest.mark.parametrize(
        "unit",
        [
            pytest.param(device("STM32F4xx", 0), id="another chip"),
            pytest.param(device("K32W061", 0), id="a chip of that vendor without the field"),
            pytest.param(device("MKXX 128kB DFlash SEC(4KB)", 0x1000_0000), id="data flash"),
            pytest.param(device("MKxxN", 0, 0x400), id="ends before the field"),
            pytest.param(device("MK64 SPI", 0, kind=DeviceKind.SPI_FLASH), id="external flash"),
            pytest.param(device("MX25K64", 0), id="letters inside of a name"),
        ],
    )
    def test_is_known_to_no_other_device(self, unit: Device) -> None:
        refuse_protected_pieces(image((0, bytes(0x800))), unit)

    @pytest.mark.parametrize("pieces", [[(0, bytes(0x40C))], [(0x40D, bytes(64))], [(0, b"1"), (0x800, b"2")]])
    def test_matters_only_where_the_image_has_it(self, pieces: list[tuple[int, bytes]]) -> None:
        refuse_protected_pieces(image(*pieces), device("MKxxN", 0))
