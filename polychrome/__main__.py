"""The command `polychrome`, also as `python -m polychrome`."""

import sys


def main() -> int:
    """Run the command of this process; the exit status."""
    # Ctrl-C may come before the command is imported.
    try:
        from polychrome.cli import main as command

        return command()
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
