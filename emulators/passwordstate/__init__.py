"""Passwordstate: the vault's standard API, for reading passwords."""
