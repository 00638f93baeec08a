"""The support console (CSU)."""
