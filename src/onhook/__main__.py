"""`python -m onhook` is the `onhook` command."""

from onhook.surfaces.cli.main import run

if __name__ == "__main__":
    run()
