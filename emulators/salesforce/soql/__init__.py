"""The part of SOQL the emulator answers: read by a parser of its own, everything else refused."""
