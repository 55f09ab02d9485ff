"""Git repositories made of photographs."""

import subprocess

from encoded_files import encode
from PIL import Image
from skimage import data

PERSON = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]


def git(folder, *arguments):
    command = ["git", "-C", str(folder), *PERSON, *arguments]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()


def photograph(name):
    """A photograph of scikit-image."""
    return Image.fromarray(getattr(data, name)())


def make_repository(folder, files):
    """Commit files, given as bytes by path; return the commit."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q")
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    git(folder, "add", "--all")
    git(folder, "commit", "-q", "-m", "Photographs")
    return git(folder, "rev-parse", "HEAD")


def turned(image):
    """A JPEG stored lying on its side, with the EXIF orientation that sets it upright."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return encode(image.rotate(90, expand=True), "JPEG", exif=exif, quality=95)


def image_at(path):
    """A decoded file, with its `format`."""
    with Image.open(path) as image:
        image.load()
        return image
