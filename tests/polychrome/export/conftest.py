"""One exported colorizer and what it answers, for all tests of exports."""

import pytest
import tensorflow as tf
from encoded_files import FILES
from tiny_colorizers import IMAGE_SIZE, dialed_violet, violet

from polychrome.color.scaling import PADOVA
from polychrome.export.saved_model import export_colorizer


@pytest.fixture(scope="session")
def network():
    return violet()


@pytest.fixture(scope="session")
def exported(network, tmp_path_factory):
    return export_colorizer(
        network, PADOVA, IMAGE_SIZE, tmp_path_factory.mktemp("models") / "violet"
    )


@pytest.fixture(scope="session")
def signatures(exported):
    return tf.saved_model.load(str(exported)).signatures


@pytest.fixture(scope="session")
def served(signatures):
    """The answer to one batch of all files."""
    encoded = tf.constant([encoded for encoded, _ in FILES.values()])
    answer = signatures["serving_default"](image_bytes=encoded)
    assert not any(answer["error"].numpy())
    return dict(zip(FILES, answer["colorized_bytes"].numpy(), strict=True))


@pytest.fixture(scope="session")
def dialed(tmp_path_factory):
    directory = tmp_path_factory.mktemp("models") / "dialed_violet"
    return export_colorizer(dialed_violet(), PADOVA, IMAGE_SIZE, directory)
