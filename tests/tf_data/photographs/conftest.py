"""Small git repositories of scikit-image's photographs."""

import pytest
from encoded_files import encode
from photo_repositories import make_repository, photograph, turned
from PIL import ImageOps

from tf_data.photographs.sets import PhotoSet


@pytest.fixture(scope="module")
def clones(tmp_path_factory):
    """Folder of clones, and the sets in them: two to train on, and one held out."""
    folder = tmp_path_factory.mktemp("clones")
    coffee, cat = photograph("coffee"), photograph("chelsea")
    astronaut, rocket = photograph("astronaut"), photograph("rocket")
    jpeg = encode(coffee.resize((195, 130)), "JPEG", quality=80)
    one = {
        "pictures/coffee.jpg": jpeg,
        "pictures/again/coffee.jpg": jpeg,
        "pictures/larger coffee é.png": encode(coffee, "PNG"),
        "pictures/cat.jpg": turned(cat),
        "pictures/gray.jpg": encode(ImageOps.grayscale(rocket), "JPEG"),
        "pictures/yellowed.png": encode(
            ImageOps.colorize(rocket.convert("L"), "black", "#fffdfb"), "PNG"
        ),
        "pictures/small.png": encode(rocket.crop((0, 0, 200, 127)), "PNG"),
        "pictures/half.jpg": encode(rocket, "JPEG")[:9000],
        "pictures/text.jpg": b"not an image",
        "pictures/notes.txt": b"not a picture",
        "pictures/cropped/cat.jpg": encode(cat.crop((50, 50, 300, 250)), "JPEG"),
        "logo.png": encode(photograph("retina"), "PNG"),
    }
    two = {
        "cup.jpg": jpeg,
        "astronaut.jpg": encode(astronaut.resize((200, 200)), "JPEG"),
        "cells.webp": encode(photograph("immunohistochemistry"), "WEBP"),
    }
    three = {"astronaut.bmp": encode(astronaut, "BMP"), "rocket.jpg": encode(rocket, "JPEG")}
    return folder, (
        PhotoSet(
            *("one", "us/one", make_repository(folder / "us" / "one", one), "this and that"),
            folders=("pictures/",),
            without=("pictures/cropped/",),
        ),
        PhotoSet("two", "us/two", make_repository(folder / "us" / "two", two), "more"),
        PhotoSet(
            *("three", "them/three", make_repository(folder / "them" / "three", three), "others"),
            license="CC0-1.0",
            held_out=True,
        ),
    )
