"""What every emulator shares: serving, seeding, clock, faults, journal, TLS, starting and steering."""
