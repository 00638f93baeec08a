"""Passwordstate (Click Studios): where the service credentials are kept."""
