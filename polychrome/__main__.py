"""`python -m polychrome` is the command `polychrome`."""

import sys

from polychrome.cli import main

if __name__ == "__main__":
    sys.exit(main())
