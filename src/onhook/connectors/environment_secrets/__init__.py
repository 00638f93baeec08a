"""Credentials out of the environment, for development."""
