"""Test images of the studies."""

import pytest

from tf_data.sources.source import open_source
from tf_data.store import Store, load_store


@pytest.fixture(scope="session")
def tiles_of():
    """The function: so many tiles of photographs, one of them made gray, as a store."""

    def make(count: int, side: int, gray: int, names: tuple[str, ...] | None = None) -> Store:
        tiles = load_store(open_source("sample").splits["test"], side, limit=count)
        images = tiles.images.copy()
        images[gray] = images[gray].mean(axis=-1, keepdims=True)
        return Store(images, names or tiles.names, 1, ())

    return make
