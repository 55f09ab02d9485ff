"""Bytes as the reader of photographs sees them."""

import pytest

from polychrome.photographs.opening import open_photograph


@pytest.fixture
def opened(tmp_path):
    """Open bytes as a file."""

    def open_bytes(encoded, **options):
        (tmp_path / "file").write_bytes(encoded)
        return open_photograph(tmp_path / "file", **options)

    return open_bytes
