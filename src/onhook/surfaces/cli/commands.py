"""All commands, gathered: importing a module adds its commands to the tree."""

from onhook.surfaces.cli import data, demo, doctor, lines, passwords, rules, runs, serving, trust
from onhook.surfaces.cli.app import app

__all__ = ["app", "data", "demo", "doctor", "lines", "passwords", "rules", "runs", "serving", "trust"]
