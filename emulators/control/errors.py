"""The errors a person who steers an emulator can see."""


class DocumentError(Exception):
    """A document sent to the control API is not understood; nothing was applied. The message says where."""


class StartError(Exception):
    """An emulator could not start; the message says why and what to do."""
