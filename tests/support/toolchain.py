"""The Arm tools that some tests need."""

import shutil

import pytest

ARM_READELF = "arm-none-eabi-readelf"
ARM_OBJDUMP = "arm-none-eabi-objdump"

_MISSING = [tool for tool in ("arm-none-eabi-gcc", ARM_READELF, ARM_OBJDUMP) if shutil.which(tool) is None]

needs_elflint = pytest.mark.skipif(shutil.which("eu-elflint") is None, reason="install elfutils: no eu-elflint")

needs_toolchain = pytest.mark.skipif(bool(_MISSING), reason=f"install gcc-arm-none-eabi: no {', '.join(_MISSING)}")
