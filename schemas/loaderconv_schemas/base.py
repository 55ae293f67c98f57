"""What all models share: they are frozen, take no unknown fields, and carry bytes as base64 in JSON."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Address = Annotated[int, Field(ge=0, le=0xFFFF_FFFF, json_schema_extra={"unit": "address"})]
"""A 32-bit address in the target's address space."""

ByteCount = Annotated[int, Field(ge=0, le=0x1_0000_0000, json_schema_extra={"unit": "byte"})]
"""A size in bytes, at most the whole address space."""

Milliseconds = Annotated[int, Field(ge=0, json_schema_extra={"unit": "millisecond"})]
"""A duration in milliseconds."""

Byte = Annotated[int, Field(ge=0, le=0xFF)]
"""One byte as a number."""

FormatVersion = Literal[1]

FORMAT_VERSION: FormatVersion = 1
"""Version of every JSON document this release writes; it grows only when a field changes its meaning or goes."""


class Model(BaseModel):
    """Base of all models: immutable values that compare by content."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_bytes="base64", val_json_bytes="base64")
