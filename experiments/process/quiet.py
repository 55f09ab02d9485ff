"""Import TensorFlow without the build notices that ignore its log level."""

import os
import sys
import tempfile

# Read when TensorFlow is loaded; errors and warnings still show.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")


def import_tensorflow() -> None:
    """Import TensorFlow; what it writes to standard error is shown only if that fails."""
    if "tensorflow" in sys.modules:
        return
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as notices:
        os.dup2(notices.fileno(), 2)
        try:
            import tensorflow

            # A run grades a dozen networks, each compiled for a batch or two. TensorFlow would warn
            # about that, and its only other messages here are errors.
            tensorflow.get_logger().setLevel("ERROR")
        except BaseException:
            notices.seek(0)
            os.write(kept, notices.read())
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)
