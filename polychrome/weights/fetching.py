"""Getting the authors' weights, as presets in the user's folder of models."""

from pathlib import Path
from typing import NamedTuple

from polychrome.download import download
from polychrome.errors import InputError
from polychrome.files import sha256_of
from polychrome.presets import models_folder, read_card, write_preset
from polychrome.weights.authors import FILES, AuthorsFile

# Within the folder of models: whole and partial files that are not converted yet.
DOWNLOADS = "downloads"


class Fetched(NamedTuple):
    """A preset of the authors' weights.

    Attributes:
        folder: of the preset.
        sha256: of the authors' file.
        before: it was there already, whole, and nothing was done.
    """

    folder: Path
    sha256: str
    before: bool


def fetch(name: str, file: Path | None = None) -> Fetched:
    """Install the authors' weights, which `polychrome.load(name)` then finds.

    A download that breaks off goes on where it was. The preset appears whole or not at all, and
    what was downloaded is removed once it is converted.

    Args:
        name: a key of `polychrome.weights.authors.FILES`.
        file: their file, if it is on this machine; it is not changed.

    Raises:
        InputError: the name is not known, the file cannot be fetched or read or is not theirs, or
            the folder of models cannot be written.
    """
    if name not in FILES:
        raise InputError(f"{name}: nothing to fetch by that name; there are {', '.join(FILES)}")
    facts, folder = FILES[name], models_folder() / name
    if found := _whole(folder, facts):
        return Fetched(folder, found, before=True)
    if file is not None:
        return Fetched(folder, _convert(name, Path(file), folder, str(file)), before=False)
    downloaded = models_folder() / DOWNLOADS / facts.file
    if not _is_theirs(downloaded, facts):
        download(facts.url, downloaded, sha256=facts.sha256_head)
    sha256 = _convert(name, downloaded, folder, facts.url)
    downloaded.unlink()
    if not any(downloaded.parent.iterdir()):
        downloaded.parent.rmdir()
    return Fetched(folder, sha256, before=False)


def _whole(folder: Path, facts: AuthorsFile) -> str | None:
    """The SHA-256 of the file that a preset was made of, if that is the authors'."""
    try:
        sha256 = read_card(folder)["source"]["sha256"]
    except (InputError, KeyError):
        return None
    return sha256 if str(sha256).startswith(facts.sha256_head) else None


def _is_theirs(path: Path, facts: AuthorsFile) -> bool:
    return path.is_file() and sha256_of(path).startswith(facts.sha256_head)


def _convert(name: str, path: Path, folder: Path, origin: str) -> str:
    """Write the preset of a file and return the file's SHA-256."""
    facts = FILES[name]
    if path.is_dir():
        raise InputError(f"{path}: a folder, should be the file {facts.file}")
    sha256 = sha256_of(path)
    if not sha256.startswith(facts.sha256_head):
        raise InputError(
            f"{path}: its SHA-256 begins with {sha256[:8]} and not with {facts.sha256_head}: it is "
            f"damaged, or not the authors' {facts.file}"
        )

    # They bring Keras, which should not be waited for where the file is not right.
    from polychrome.models.siggraph17 import without_hints
    from polychrome.weights.published import ECCV16, SIGGRAPH17, load

    release = {"eccv16": ECCV16, "siggraph17": SIGGRAPH17}[name]
    network = load(path, release)[1]
    colorizer = without_hints(network) if release is SIGGRAPH17 else network
    assert release.scaling is not None
    try:
        write_preset(
            folder,
            colorizer,
            scaling=release.scaling,
            image_size=facts.image_size,
            name=name,
            title=facts.title,
            grades=None,
            license=facts.license,
            source={
                "paper": facts.source,
                "file": origin,
                "sha256": sha256,
                "command": f"polychrome models fetch {name}",
            },
            about={
                "Data and license": f"{facts.data} The weights are under {facts.license}.",
                "Size": f"An image is fed with a shorter side of {facts.image_size} pixels and "
                "keeps its shape, where the authors squash it to a square.",
            },
        )
    except InputError:
        raise
    except Exception as error:  # HDF5 tells of a full disk in errors of several classes
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(f"cannot write {folder}: {reason}") from error
    return sha256
