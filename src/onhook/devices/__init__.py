"""Phone lines: the rows, their numbers, the portal's writes and the support tool's reads."""
