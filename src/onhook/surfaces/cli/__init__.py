"""The `onhook` command."""
