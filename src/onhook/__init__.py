"""onhook deletes a phone line everywhere it lives, proves it, and follows the bill."""

__version__ = "0.1.0"
