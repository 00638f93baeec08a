"""Comparing texts without case, as the running user's locale does it (notes, section 4)."""

# In these languages I and i are two letters, each with and without a dot.
DOTTED = ("tr", "az")
CAPITAL_I_WITH_DOT, SMALL_I_WITHOUT_DOT = "\u0130", "\u0131"


def fold(text: str, *, locale: str) -> str:
    """Give a text to compare by; each character on its own, so that a part folds as it does in the whole."""
    if locale.lower().startswith(DOTTED):
        text = text.replace(CAPITAL_I_WITH_DOT, "i").replace("I", SMALL_I_WITHOUT_DOT)
    return "".join(character.lower() for character in text)
