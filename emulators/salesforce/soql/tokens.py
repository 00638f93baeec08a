"""Splits a query into tokens and reads string literals with their escapes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from emulators.salesforce.soql.errors import malformed

NAME, STRING, NUMBER, DATE, DATETIME, SYMBOL, END = "name", "string", "number", "date", "datetime", "symbol", "end"

_DAY = r"\d{4}-\d\d-\d\d"
_TOKEN = re.compile(
    rf"""
    (?P<space>\s+)
    | (?P<string>'(?:[^'\\]|\\.)*')
    | (?P<datetime>{_DAY}T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
    | (?P<date>{_DAY})
    | (?P<number>[+-]?\d+(?:\.\d+)?)
    | (?P<name>[A-Za-z]\w*(?:\.[A-Za-z]\w*)*)
    | (?P<symbol><=|>=|!=|<>|[=<>(),])
    """,
    re.VERBOSE | re.DOTALL | re.ASCII,
)

# Notes, section 4. Every other backslash is an error.
_ESCAPES = {"'": "'", "\\": "\\", '"': '"', "n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_UNICODE_DIGITS = 4
_HEXADECIMAL = frozenset("0123456789abcdefABCDEF")


@dataclass(frozen=True, slots=True)
class Token:
    """One token; `text` is as written, a string still in its quotes."""

    kind: str
    text: str
    position: int

    def is_word(self, word: str) -> bool:
        """Say whether this is that keyword; keywords are read in any case."""
        return self.kind == NAME and self.text.upper() == word


@dataclass(frozen=True, slots=True)
class Character:
    """One character of a string literal; `is_wild` for `%` and `_` of a pattern when they are not escaped."""

    text: str
    is_wild: bool


def tokens_of(query: str) -> list[Token]:
    """
    Split a query; an end token closes it.

    :raises SoqlError: a character no token begins with, a double quote among them, or an open string.
    """
    found: list[Token] = []
    position = 0
    while position < len(query):
        match = _TOKEN.match(query, position)
        if match is None:
            raise _unreadable(query, position)
        if match.lastgroup is not None and match.lastgroup != "space":
            found.append(Token(kind=match.lastgroup, text=match.group(), position=position))
        position = match.end()
    return [*found, Token(kind=END, text="<EOF>", position=len(query))]


def _unreadable(query: str, position: int) -> Exception:
    if query[position] == "'":
        return malformed("unexpected end of file: a string is not closed", position)
    return malformed(f"unexpected token: '{query[position]}'", position)


def text_of(token: Token) -> str:
    """
    Give the value of a string token outside LIKE.

    :raises SoqlError: an escape that SOQL does not have here.
    """
    return "".join(character.text for character in _characters(token, in_pattern=False))


def pattern_of(token: Token) -> tuple[Character, ...]:
    """
    Give the pattern of a string token after LIKE, its wildcards told from escaped ones.

    :raises SoqlError: an escape that SOQL does not have.
    """
    return tuple(_characters(token, in_pattern=True))


def _characters(token: Token, *, in_pattern: bool) -> Iterator[Character]:
    body = token.text[1:-1]
    position = 0
    while position < len(body):
        if body[position] != "\\":
            yield Character(text=body[position], is_wild=in_pattern and body[position] in "%_")
            position += 1
            continue
        text, length = _escaped(token, body, position, in_pattern=in_pattern)
        yield Character(text=text, is_wild=False)
        position += length


def _escaped(token: Token, body: str, position: int, *, in_pattern: bool) -> tuple[str, int]:
    """Give the character an escape stands for and how many characters the escape has."""
    letter = body[position + 1]
    if letter in _ESCAPES:
        return _ESCAPES[letter], 2
    if in_pattern and letter in "%_":
        return letter, 2
    digits = body[position + 2 : position + 2 + _UNICODE_DIGITS]
    if letter == "u" and len(digits) == _UNICODE_DIGITS and set(digits) <= _HEXADECIMAL:
        return chr(int(digits, 16)), 2 + _UNICODE_DIGITS
    problem = f"Invalid string literal {token.text}. Illegal character sequence '\\{letter}' in string literal."
    raise malformed(problem, token.position)
