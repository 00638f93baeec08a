"""Read the environment: the only module that does. Every value is typed, and a bad one stops the start loudly."""

import os
from pathlib import Path


class UnusableSetting(Exception):
    """A setting has a value that cannot be used; the message names it and says what is expected."""


def text(name: str, default: str = "") -> str:
    """Return the variable `name`, or what is in the file that `name_FILE` names, or `default`; empty is not set."""
    file = os.environ.get(f"{name}_FILE")
    if not file:
        return os.environ.get(name) or default
    if os.environ.get(name):
        raise UnusableSetting(f"{name} and {name}_FILE are both set. Keep one of them.")
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise UnusableSetting(f"{name}_FILE points to {file}, which cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise UnusableSetting(f"{name}_FILE points to {file}, which is not text.") from None


def integer(name: str, default: int, *, least: int = 0) -> int:
    """Return the variable as a whole number of at least `least`."""
    raw = text(name)
    if not raw:
        return default
    try:
        value = int(raw)
    except ValueError:
        raise UnusableSetting(f"{name} must be a whole number, not {raw!r}.") from None
    if value < least:
        raise UnusableSetting(f"{name} must be at least {least}, not {value}.")
    return value


def choice(name: str, default: str, *, allowed: tuple[str, ...]) -> str:
    """Return the variable, which must be one of `allowed`."""
    value = text(name, default)
    if value not in allowed:
        raise UnusableSetting(f"{name} must be one of {', '.join(allowed)}, not {value!r}.")
    return value


def words(name: str, default: tuple[str, ...] = ()) -> list[str]:
    """Return the variable as a list of words that stand between commas or spaces."""
    raw = text(name)
    return raw.replace(",", " ").split() if raw else list(default)
