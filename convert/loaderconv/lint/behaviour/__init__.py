"""What a loader does when it runs: small experiments in the emulator, each with facts as its result."""
