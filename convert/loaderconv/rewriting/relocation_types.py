"""Relocation types that a linked Thumb program may hold and still be moved (Arm IHI0044, Relocation).

Everything else is refused: an unknown type could be an address, and code that is almost right is worse than none.
"""

R_ARM_ABS32 = 2
R_ARM_TARGET1 = 38
"""ABS32 for bare-metal programs: constructor tables."""

R_ARM_THM_MOVW_ABS_NC = 47
R_ARM_THM_MOVT_ABS = 48

WORDS = frozenset({R_ARM_ABS32, R_ARM_TARGET1})
"""The place holds the address."""

MOVES = frozenset({R_ARM_THM_MOVW_ABS_NC, R_ARM_THM_MOVT_ABS})
"""The place is an instruction with one half of the address."""

MARKERS = frozenset(
    {
        0,  # NONE: ld puts it where the target was discarded
        40,  # V4BX: marks a BX instruction
    }
)
"""Nothing at the place depends on an address."""

BRANCHES = frozenset(
    {
        10,  # THM_CALL
        30,  # THM_JUMP24
        51,  # THM_JUMP19
        52,  # THM_JUMP6
        102,  # THM_JUMP11
        103,  # THM_JUMP8
    }
)
"""The place is an instruction that goes to the address."""

RELATIVE = BRANCHES | frozenset(
    {
        3,  # REL32
        11,  # THM_PC8
        42,  # PREL31
        49,  # THM_MOVW_PREL_NC
        50,  # THM_MOVT_PREL
        53,  # THM_ALU_PREL_11_0
        54,  # THM_PC12
    }
)
"""The place holds a distance, which stays where both of its ends move."""
