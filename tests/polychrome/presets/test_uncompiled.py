"""Networks within networks are written without what they were compiled with."""

import keras
import numpy as np
import pytest
from keras import layers

from polychrome.color.scaling import POLYCHROME
from polychrome.losses.dial import VividAndSpread
from polychrome.models.lite_unet import mirrored_mean, outputs_by_name
from polychrome.presets.uncompiled import config_of, save_uncompiled


def test_a_network_within_another_leaves_its_loss_behind(tmp_path):
    """As in `tiny`: the heads are compiled, and their mean with the mirror image is exported."""
    heads = keras.Sequential([keras.Input((None, None, 1)), layers.Conv2D(5, 3, padding="same")])
    heads.compile("sgd", VividAndSpread(POLYCHROME))
    network = outputs_by_name(mirrored_mean(heads))
    compiled, bare = tmp_path / "compiled.keras", tmp_path / "bare.keras"
    network.save(compiled)
    with pytest.raises(TypeError, match="Could not locate class 'VividAndSpread'"):
        keras.saving.load_model(compiled, compile=False)

    save_uncompiled(network, bare)
    assert "compile_config" in str(config_of(compiled))
    assert "compile_config" not in str(config_of(bare))
    lightness = np.random.default_rng(0).uniform(0, 1, (1, 9, 7, 1)).astype("float32")
    expected, found = (
        keras.tree.map_structure(keras.ops.convert_to_numpy, each(lightness))
        for each in (network, keras.saving.load_model(bare))
    )
    for key in ("ab", "vivid_ab", "spread"):
        assert np.ptp(expected[key]) > 0
        np.testing.assert_array_equal(found[key], expected[key])
    assert isinstance(heads.loss, VividAndSpread)
