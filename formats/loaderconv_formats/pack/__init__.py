"""CMSIS-Packs: the RAM of the devices that they describe."""
