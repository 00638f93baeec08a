"""The help centre: the same addresses for customers, staff and nobody; each gets their own part."""
