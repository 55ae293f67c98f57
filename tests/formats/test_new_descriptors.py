"""The descriptors of new files, and which devices they cannot describe (docs/formats)."""

import pytest

from loaderconv_formats.flm.flash_device import pack_flash_device, parse_flash_device
from loaderconv_formats.stldr.storage_info import pack_storage_info, parse_storage_info
from loaderconv_schemas.device import Device, DeviceKind, SectorRun
from loaderconv_schemas.errors import ConversionRefused

DEVICE = Device(
    name="64K",
    kind=DeviceKind.SPI_FLASH,
    base_address=0x9000_0000,
    size_bytes=0x1_0000,
    page_size_bytes=256,
    sectors=(SectorRun(offset_bytes=0, sector_size_bytes=0x1000, count=16),),
)


class TestFlashDevice:
    def test_what_other_flavours_do_not_know_is_as_in_the_template(self) -> None:
        device = parse_flash_device(pack_flash_device(DEVICE)).device
        assert (device.type_code, device.erased_value) == (5, 0xFF)
        assert (device.program_timeout_ms, device.erase_timeout_ms) == (100, 3000)

    @pytest.mark.parametrize(
        ("kind", "foreign", "code"),
        [
            pytest.param(DeviceKind.SPI_FLASH, 7, 5, id="SPI flash of a stldr"),
            pytest.param(DeviceKind.MCU_FLASH, 1, 1, id="same number in both"),
            pytest.param(DeviceKind.UNKNOWN, None, 0, id="not known"),
            pytest.param(DeviceKind.UNKNOWN, 77, 77, id="outside of every table"),
            pytest.param(DeviceKind.UNKNOWN, 5, 0, id="not known, by a number that means something here"),
        ],
    )
    def test_the_number_of_its_kind_is_its_own(self, kind: DeviceKind, foreign: int | None, code: int) -> None:
        device = DEVICE.model_copy(update={"kind": kind, "type_code": foreign})
        read = parse_flash_device(pack_flash_device(device)).device
        assert (read.kind, read.type_code) == (kind, code)

    def test_letters_that_a_descriptor_cannot_hold_are_question_marks(self) -> None:
        packed = pack_flash_device(DEVICE.model_copy(update={"name": "Flash \u00e4"}))
        assert parse_flash_device(packed).device.name == "Flash ?"

    @pytest.mark.parametrize(
        ("update", "message"),
        [
            pytest.param({"name": "n" * 128}, "name has 128 characters", id="name"),
            pytest.param(
                {"kind": DeviceKind.PSRAM, "type_code": 5}, "DevType has no number for the kind PSRAM", id="kind"
            ),
            pytest.param({"size_bytes": 1 << 32}, "does not fit into the 32 bits", id="size"),
            pytest.param({"program_timeout_ms": 1 << 32}, "does not fit into the 32 bits", id="time limit"),
            pytest.param(
                {"sectors": tuple(SectorRun(offset_bytes=n, sector_size_bytes=1, count=1) for n in range(512))},
                "512 sector runs, FlashDevice has room for 511",
                id="512 runs",
            ),
            pytest.param({"size_bytes": 0x2_0000}, "cannot describe the sectors", id="unused end"),
            pytest.param(
                {
                    "sectors": (
                        SectorRun(offset_bytes=0, sector_size_bytes=0x1000, count=2),
                        SectorRun(offset_bytes=0x8000, sector_size_bytes=0x1000, count=8),
                    )
                },
                "cannot describe the sectors",
                id="hole",
            ),
        ],
    )
    def test_what_it_cannot_describe_is_refused(self, update: dict[str, object], message: str) -> None:
        with pytest.raises(ConversionRefused, match=message):
            pack_flash_device(DEVICE.model_copy(update=update))


class TestStorageInfo:
    @pytest.mark.parametrize(
        ("kind", "foreign", "code"),
        [
            pytest.param(DeviceKind.SPI_FLASH, 5, 7, id="SPI flash of an FLM"),
            pytest.param(DeviceKind.MCU_FLASH, 1, 1, id="same number in both"),
            pytest.param(DeviceKind.NOR_FLASH, None, 3, id="no number"),
            pytest.param(DeviceKind.UNKNOWN, 11, 11, id="outside of every table"),
        ],
    )
    def test_the_number_of_its_kind_is_its_own(self, kind: DeviceKind, foreign: int | None, code: int) -> None:
        device = DEVICE.model_copy(update={"kind": kind, "type_code": foreign})
        read = parse_storage_info(pack_storage_info(device)).device
        assert (read.kind, read.type_code) == (kind, code)

    @pytest.mark.parametrize(
        ("kind", "foreign"), [(DeviceKind.NOR_FLASH_16_BIT, 3), (DeviceKind.UNKNOWN, 7), (DeviceKind.UNKNOWN, None)]
    )
    def test_a_kind_without_a_number_is_refused(self, kind: DeviceKind, foreign: int | None) -> None:
        device = DEVICE.model_copy(update={"kind": kind, "type_code": foreign})
        with pytest.raises(ConversionRefused, match=f"DeviceType has no number for the kind {kind}") as refused:
            pack_storage_info(device)
        assert "SPI flash" in refused.value.hint


class TestWhatStorageInfoCannotSay:
    @pytest.mark.parametrize(
        ("runs", "words"),
        [
            pytest.param([(0, 0x1000, 1), (0x2000, 0x1000, 1)], "do not follow those before", id="hole"),
            pytest.param([(0x1000, 0x1000, 1)], "do not follow those before", id="hole at the start"),
            pytest.param([(0, 0x1000, 0), (0, 0x2000, 1)], "do not follow those before", id="group without sectors"),
            pytest.param([(0, 1 << 32, 1)], "4 GiB", id="33 bits"),
            pytest.param([(0, 0, 1 << 32)], "number of sectors", id="33 bits of sectors"),
        ],
    )
    def test_is_refused(self, runs: list[tuple[int, int, int]], words: str) -> None:
        sectors = tuple(SectorRun(offset_bytes=at, sector_size_bytes=size, count=count) for at, size, count in runs)
        with pytest.raises(ConversionRefused, match=words):
            pack_storage_info(DEVICE.model_copy(update={"sectors": sectors}))
