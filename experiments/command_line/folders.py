"""Where commands write if no folder is named."""

import datetime
from pathlib import Path


def new_folder(name: str) -> Path:
    """`runs/NAME-TIME`, by the local time to a second, so that names of one kind sort by age.

    Args:
        name: of what is done, such as that of a recipe. A data set's may have slashes, which become
            hyphens: the result lies in `runs/` itself.
    """
    stamp = datetime.datetime.now().strftime("%Y%m%d-%H%M%S")
    return Path("runs") / f"{name.replace('/', '-')}-{stamp}"
