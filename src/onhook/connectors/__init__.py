"""The systems outside, one folder each. A connector implements a port of `operations/ports.py`."""
