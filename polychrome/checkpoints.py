"""The command `python -m polychrome.checkpoints`; see `polychrome.weights.published`."""

import sys

from polychrome.weights.published import main

if __name__ == "__main__":
    sys.exit(main())
