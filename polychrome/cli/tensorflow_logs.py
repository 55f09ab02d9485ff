"""TensorFlow without its log on standard error, of which nothing helps those who run a command."""

import os
import sys


def import_keras_quietly() -> None:
    """Import Keras with its backend; a user's own TF_CPP_MIN_LOG_LEVEL brings the log back."""
    if "keras" in sys.modules or "TF_CPP_MIN_LOG_LEVEL" in os.environ:
        return
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    # Some lines of TensorFlow 2.21 heed no variable: those of its start.
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        import keras  # noqa: F401
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
