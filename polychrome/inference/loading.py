"""`polychrome.load`: a colorizer by name, by folder, or from a model hub."""

import os
from pathlib import Path

from polychrome.errors import InputError
from polychrome.inference.colorizer import Colorizer
from polychrome.inference.runtimes import OnnxRuntime, PresetRuntime, SavedModelRuntime
from polychrome.presets import by_name
from polychrome.presets.card import CARD, KERAS_FILES, ONNX_FILE
from polychrome.weights.authors import FILES

# For photographs; `tiny` is for images of 64 pixels.
DEFAULT = "photo"
RUNTIMES = ("auto", "keras", "saved_model", "onnx")
HUB = "hf://"


def load(
    source: str | os.PathLike[str] | None = None,
    *,
    weights: str | os.PathLike[str] | None = None,
    runtime: str = "auto",
) -> Colorizer:
    """Load a colorizer.

    Args:
        source: the name of a preset in this package, or of one that `polychrome models fetch` has
            installed; the folder of a preset, of a run of `experiments.run`, of a SavedModel, or of
            one of its versions; or `hf://user/repo`, which needs `huggingface_hub`. None means
            `photo`.
        weights: a `.weights.h5` file for the same network, used instead of the preset's.
        runtime: what runs the network: "keras", "saved_model", "onnx" (ONNX Runtime, for presets
            with a `model.onnx`), or "auto" (the SavedModel, if `source` is one; ONNX Runtime, which
            starts without TensorFlow, if there is a `model.onnx`; Keras).

    Returns:
        Colorizer: its network is built, or its SavedModel loaded, on first use.

    Raises:
        InputError: nothing usable was found; the message says what to pass instead.
    """
    if runtime not in RUNTIMES:
        raise InputError(f"runtime {runtime!r} is not known; there are {', '.join(RUNTIMES)}")
    folder = folder_of(source)
    if (folder / "saved_model.pb").is_file():
        if runtime in ("keras", "onnx"):
            runs = {"keras": "Keras", "onnx": "ONNX Runtime"}[runtime]
            raise InputError(f"{folder}: {runs} does not run SavedModels; load a preset")
        if weights is not None:
            raise InputError(f"{folder}: a SavedModel takes no other weights; load a preset")
        return Colorizer(SavedModelRuntime(folder))
    if runtime == "saved_model":
        raise InputError(f"{folder}: no SavedModel here (saved_model.pb is missing)")
    if runtime == "onnx" and weights is not None:
        raise InputError(f"{folder}: an ONNX file takes no other weights; leave runtime out")
    has_onnx = weights is None and (folder / ONNX_FILE).is_file()
    if runtime == "onnx" or (runtime == "auto" and has_onnx):
        return Colorizer(OnnxRuntime(folder))
    return Colorizer(PresetRuntime(folder, None if weights is None else Path(weights)))


def folder_of(source: str | os.PathLike[str] | None) -> Path:
    """The folder of a preset or of a SavedModel version.

    Args:
        source: see `load`.

    Raises:
        InputError: see `load`.
    """
    if source is None:
        source = DEFAULT
    presets = by_name()
    if isinstance(source, str) and source in presets:
        return presets[source]
    if isinstance(source, str) and source.startswith(HUB):
        return _from_hub(source)
    folder = Path(source)
    if not folder.is_dir():
        if source in FILES:
            raise InputError(f"{source}: not installed; `polychrome models fetch {source}` gets it")
        known = ", ".join(presets) or "none"
        raise InputError(f"{source}: no such folder, and no preset of that name (known: {known})")
    if (folder / CARD).is_file() or (folder / "saved_model.pb").is_file():
        return folder
    if (folder / "preset").is_dir():
        return folder / "preset"
    if (folder / "recipe.json").is_file():
        raise InputError(
            f"{folder}: this run has no preset/: it did not end, or an older version made it"
        )
    # TensorFlow Serving's layout: use the highest version.
    versions = [path for path in folder.iterdir() if path.name.isdecimal() and path.is_dir()]
    return max(versions, key=lambda path: int(path.name), default=folder)


def _from_hub(source: str) -> Path:
    try:
        from huggingface_hub import snapshot_download
    except ImportError as error:
        raise InputError(
            f"{source}: huggingface_hub is not installed; pip install huggingface_hub"
        ) from error
    try:
        # Fetch only the files that are read.
        return Path(
            snapshot_download(source[len(HUB) :], allow_patterns=[CARD, *KERAS_FILES, ONNX_FILE])
        )
    except Exception as error:  # networks and servers fail in many ways
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(f"{source}: cannot be fetched ({reason})") from error
