"""What FLMs tell of CPU, toolchain and placement (docs/formats/flm.md, Linking and position independence)."""

import pytest

from loaderconv_schemas.loader import Architecture, FloatAbi
from loaderconv_schemas.memory import PlacementKind
from support.arm_attributes import (
    ARCH_V6_M,
    ARCH_V7,
    CPU_ARCH,
    CPU_ARCH_PROFILE,
    POSITION_INDEPENDENT,
    PROFILE_A,
    PROFILE_M,
    aeabi,
)
from support.flm_recipe import (
    BUILD_ATTRIBUTES,
    GCC_SEGMENT_FLAGS,
    FlmRecipe,
    gcc_shaped,
)
from support.reading import loader_of

PF_ARM_SB, PF_ARM_PI = 0x1000_0000, 0x2000_0000

THM_ISAV4 = "BuildAttributes$$THM_ISAv4"
V7_M = f"{THM_ISAV4}$P$D$K$B$S$PE$A:L22UL41UL21$RWPI$ROPI$EABIv2"
V7E_M = f"{THM_ISAV4}$E$P$D$K$B$S$7EM$PE$A:L22UL41UL21$RWPI$ROPI$EABIv2"
V8_M_MAIN = f"{THM_ISAV4}$P$D$K$B$S$8M$PE$A:L22UL41UL21$RWPI$ROPI$EABIv2"
V8_M_MAIN_WITH_DSP = f"{THM_ISAV4}$E$P$D$K$B$S$7EM$8M$VFPi5$RWPI$ROPI$EABIv2"
V8_M_BASE = "BuildAttributes$$THM_ISAv3M$S$8M$PE$RWPI$ROPI$EABIv2"
ARM7 = "BuildAttributes$$ARM_ISAv4$THM_ISAv1$RWPI$ROPI$EABIv2"


class TestBuildFacts:
    @pytest.mark.parametrize(
        ("build_attributes", "architecture"),
        [
            pytest.param(BUILD_ATTRIBUTES, Architecture.V6_M, id="Cortex-M0"),
            pytest.param(V7_M, Architecture.V7_M, id="Cortex-M3"),
            pytest.param(V7E_M, Architecture.V7E_M, id="Cortex-M4"),
            pytest.param(V8_M_MAIN, Architecture.V8_M_MAINLINE, id="Cortex-M33.no_dsp"),
            pytest.param(V8_M_MAIN_WITH_DSP, Architecture.V8_M_MAINLINE, id="Cortex-M33"),
            pytest.param(V8_M_BASE, Architecture.V8_M_BASELINE, id="Cortex-M23"),
            pytest.param(ARM7, Architecture.NOT_CORTEX_M, id="ARM7TDMI"),
            pytest.param("", None, id="stripped"),
        ],
    )
    def test_architecture_of_armlink(self, build_attributes: str, architecture: Architecture | None) -> None:
        assert loader_of(FlmRecipe(build_attributes=build_attributes)).identity.architecture is architecture

    @pytest.mark.parametrize(
        ("values", "architecture"),
        [
            ({CPU_ARCH: ARCH_V6_M}, Architecture.V6_M),
            ({CPU_ARCH: 11}, Architecture.V6_M),
            ({CPU_ARCH: ARCH_V7, CPU_ARCH_PROFILE: PROFILE_M}, Architecture.V7_M),
            ({CPU_ARCH: ARCH_V7, CPU_ARCH_PROFILE: PROFILE_A}, Architecture.NOT_CORTEX_M),
            ({CPU_ARCH: 13, CPU_ARCH_PROFILE: PROFILE_M}, Architecture.V7E_M),
            ({CPU_ARCH: 16, CPU_ARCH_PROFILE: PROFILE_M}, Architecture.V8_M_BASELINE),
            ({CPU_ARCH: 17, CPU_ARCH_PROFILE: PROFILE_M}, Architecture.V8_M_MAINLINE),
            ({CPU_ARCH: 21, CPU_ARCH_PROFILE: PROFILE_M}, Architecture.V8_1_M_MAINLINE),
            ({CPU_ARCH: 2}, Architecture.NOT_CORTEX_M),
            ({}, None),
        ],
    )
    def test_architecture_of_arm_attributes(self, values: dict[int, int], architecture: Architecture | None) -> None:
        assert loader_of(gcc_shaped(aeabi(values))).identity.architecture is architecture

    @pytest.mark.parametrize(
        "damage", [b"B", b"A", b"A\x04\0\0\0", b"A\xff\xff\xff\xffaeabi", b"A\x20\0\0\0aeabi\0\x01"]
    )
    def test_damaged_arm_attributes_tell_nothing(self, damage: bytes) -> None:
        identity = loader_of(gcc_shaped(damage)).identity
        assert (identity.architecture, identity.cpu) == (None, None)

    @pytest.mark.parametrize(
        ("comment", "cpu"),
        [
            (b"ArmLink --cpu=Cortex-M4.fp.sp --strict\0", "Cortex-M4.fp.sp"),
            (b"ArmLink --cpu Cortex-M33.no_dsp --strict\0", "Cortex-M33.no_dsp"),
            (b"ArmLink --strict\0", None),
        ],
    )
    def test_cpu_of_comment(self, comment: bytes, cpu: str | None) -> None:
        assert loader_of(FlmRecipe(comment=comment)).identity.cpu == cpu

    def test_cpu_of_arm_attributes(self) -> None:
        assert loader_of(gcc_shaped(aeabi({}, cpu_name=b"Cortex-M7"))).identity.cpu == "Cortex-M7"

    @pytest.mark.parametrize(
        "other",
        [
            pytest.param({32: 1, ord("g"): ord("n"), ord("u"): 0}, id="number and text"),
            pytest.param({65: ord("x"), ord("y"): 0}, id="text of an odd tag"),
            pytest.param({64: 1}, id="number of an even tag"),
        ],
    )
    def test_attributes_in_front_of_it_are_skipped(self, other: dict[int, int]) -> None:
        """Tag_compatibility (32) is a number and a text; of the others above it, odd ones are texts."""
        found = loader_of(gcc_shaped(aeabi({**other, CPU_ARCH: ARCH_V6_M}))).identity
        assert found.architecture is Architecture.V6_M

    @pytest.mark.parametrize(
        ("comment", "toolchain"),
        [
            (
                b"Component: ARM Compiler 5.06 update 6 (build 750) Tool: armlink [4d35ed]\0",
                "ARM Compiler 5.06 update 6",
            ),
            (b"Component: ARM Compiler 6.16 Tool: armlink [5dfeaa00]\0", "ARM Compiler 6.16"),
            (b"ARM Linker, 5040049 [Build 49]\0", "ARM Linker, 5040049 [Build 49]"),
            (b"clang version 15.0.7 (Fedora)\0", "clang version 15.0.7"),
            (b"GCC: (Arm GNU Toolchain 13.2) 13.2.1 20231009\0", "GCC: (Arm GNU Toolchain 13.2) 13.2.1"),
            (b"made by hand\0", None),
            (b"", None),
        ],
    )
    def test_toolchain(self, comment: bytes, toolchain: str | None) -> None:
        assert loader_of(FlmRecipe(comment=comment)).identity.toolchain == toolchain

    @pytest.mark.parametrize(
        ("flags", "float_abi"),
        [(0x0500_0200, FloatAbi.SOFT), (0x0500_0400, FloatAbi.HARD), (0x0500_0000, None), (0x0500_0202, FloatAbi.SOFT)],
    )
    def test_float_abi(self, flags: int, float_abi: FloatAbi | None) -> None:
        assert loader_of(FlmRecipe(flags=flags)).identity.float_abi is float_abi


class TestPositionIndependence:
    @pytest.mark.parametrize(
        ("recipe", "kind", "sources"),
        [
            pytest.param(
                FlmRecipe(build_attributes=""),
                PlacementKind.POSITION_INDEPENDENT,
                ["PF_ARM_PI", "PF_ARM_SB"],
                id="segment flags",
            ),
            pytest.param(
                FlmRecipe(program_flags=GCC_SEGMENT_FLAGS),
                PlacementKind.POSITION_INDEPENDENT,
                ["ROPI", "RWPI"],
                id="build attributes",
            ),
            pytest.param(
                gcc_shaped(aeabi(POSITION_INDEPENDENT)),
                PlacementKind.POSITION_INDEPENDENT,
                ["pc-relative", "r9-relative"],
                id=".ARM.attributes",
            ),
            pytest.param(
                FlmRecipe(
                    program_flags=GCC_SEGMENT_FLAGS, build_attributes=BUILD_ATTRIBUTES.replace("$RWPI", "$~RWPI")
                ),
                PlacementKind.ABSOLUTE,
                ["ROPI"],
                id="ROPI with data, without RWPI",
            ),
            pytest.param(
                FlmRecipe(
                    program_flags=GCC_SEGMENT_FLAGS, build_attributes=BUILD_ATTRIBUTES.replace("$ROPI", "$~ROPI")
                ),
                PlacementKind.ABSOLUTE,
                ["RWPI"],
                id="RWPI without ROPI",
            ),
            pytest.param(
                FlmRecipe(program_flags=GCC_SEGMENT_FLAGS | PF_ARM_PI, build_attributes="", rw=b"", zi_size_bytes=0),
                PlacementKind.POSITION_INDEPENDENT,
                ["PF_ARM_PI"],
                id="code without data",
            ),
            pytest.param(
                FlmRecipe(program_flags=GCC_SEGMENT_FLAGS | PF_ARM_SB, build_attributes=""),
                PlacementKind.ABSOLUTE,
                ["PF_ARM_SB"],
                id="static base alone",
            ),
            pytest.param(gcc_shaped(b""), PlacementKind.ABSOLUTE, [], id="nothing"),
            pytest.param(gcc_shaped(aeabi({CPU_ARCH: ARCH_V6_M})), PlacementKind.ABSOLUTE, [], id="no word on it"),
        ],
    )
    def test_evidence(self, recipe: FlmRecipe, kind: PlacementKind, sources: list[str]) -> None:
        placement = loader_of(recipe).placement
        assert placement.kind is kind
        assert len(placement.evidence) == len(sources)
        assert all(source in words for source, words in zip(sources, placement.evidence, strict=True))

    def test_flag_on_the_descriptors_segment_is_no_evidence(self) -> None:
        recipe = FlmRecipe(
            program_flags=GCC_SEGMENT_FLAGS, descriptor_flags=4 | PF_ARM_PI | PF_ARM_SB, build_attributes=""
        )
        placement = loader_of(recipe).placement
        assert placement.kind is PlacementKind.ABSOLUTE
        assert placement.evidence == ()

    def test_all_evidence_is_listed(self) -> None:
        assert len(loader_of(FlmRecipe()).placement.evidence) == 4
