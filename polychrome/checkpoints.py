"""The command `python -m polychrome.checkpoints`; see `polychrome.weights.convert`."""

import sys

from polychrome.weights.convert import main

if __name__ == "__main__":
    sys.exit(main())
