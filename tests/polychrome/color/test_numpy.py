"""Colors of NumPy arrays without Keras and TensorFlow, as with them.

This file is also the program in which neither can be imported: `python test_numpy.py FILE`.
"""

import importlib
import subprocess
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[3]
ABSENT = ("keras", "tensorflow", "jax", "torch")
NAMES = ("spaces", "scaling", "bins", "difference", "histogram")


def answers(give=lambda array: array):
    """Name to result, of every color function on arrays that `give` makes of NumPy's."""
    spaces, scaling, bins, difference, histogram = (
        importlib.import_module(f"polychrome.color.{name}") for name in NAMES
    )
    rng = np.random.default_rng(0)
    levels = rng.integers(0, 256, (40, 50, 3)).astype(np.uint8)
    levels[0, :32] = np.arange(32)[:, None]
    wild = rng.uniform([0, -128, -128], [100, 128, 128], (40, 50, 3)).astype(np.float32)
    rgb, logits = (levels / 255).astype(np.float32), rng.normal(0, 6, (500, 313))
    rgb, logits = give(rgb), give(logits.astype(np.float32))
    levels, wild, ab = give(levels), give(wild), give(wild[..., 1:])
    seen = histogram.ChromaHistogram()
    seen.update(ab)
    found = {
        "lab of uint8": spaces.rgb_to_lab(levels),
        "lab of floats": spaces.rgb_to_lab(rgb),
        "rgb of lab": spaces.lab_to_rgb(wild),
        "fit_gamut": spaces.fit_gamut(wild),
        "yuv": spaces.rgb_to_yuv(levels),
        "rgb of yuv": spaces.yuv_to_rgb(wild / 128),
        "gray_mean": spaces.gray_mean(levels),
        "gray_luma": spaces.gray_luma(rgb),
        "to_float": spaces.to_float(levels),
        "to_uint8": spaces.to_uint8(rgb),
        "nearest": bins.nearest_bin(ab),
        "difference": difference.delta_e_2000(wild, spaces.rgb_to_lab(levels)),
        "prior": seen.prior_on_bins(),
    }
    found["bins"], found["shares"] = bins.encode_soft(ab)
    found |= {how: bins.decode(logits, how) for how in bins.DECODINGS}
    for known in (scaling.PADOVA, scaling.UNIT, scaling.ZHANG, scaling.LINKOPING_YUV):
        lightness, chroma = known.split(rgb)
        found[f"{known.name} lightness"], found[f"{known.name} chroma"] = lightness, chroma
        found[f"{known.name} joined"] = known.join(lightness, chroma)
        found[f"{known.name} ab"] = known.to_ab(lightness, chroma)
        found[f"{known.name} from L*"] = known.lab_to_lightness(wild[..., :1])
    return found


class Absent:
    """Refuses to import what `ABSENT` names, as where it is not installed."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] in ABSENT:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def main(file: str) -> None:
    sys.meta_path.insert(0, Absent)
    import polychrome
    import polychrome.color  # noqa: F401

    found = answers()
    assert all(type(value) is np.ndarray for value in found.values())
    np.savez(file, **found)


def test_numpy_arrays_are_converted_without_keras_and_alike(tmp_path):
    done = subprocess.run(
        [sys.executable, __file__, str(tmp_path / "found.npz")],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    from keras import ops

    expected = answers(ops.convert_to_tensor)
    with np.load(tmp_path / "found.npz") as found:
        assert set(found.files) == set(expected)
        for name, value in expected.items():
            if name != "prior":
                assert ops.is_tensor(value), name
            value = ops.convert_to_numpy(value)
            assert found[name].dtype == value.dtype and found[name].shape == value.shape, name
            limit = 1e-5 * max(1.0, np.abs(value).max())
            np.testing.assert_allclose(found[name], value, rtol=0, atol=limit, err_msg=name)


def test_importing_polychrome_imports_no_backend():
    program = "import polychrome, polychrome.color, sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert not set(ABSENT) & set(done.stdout.split())


if __name__ == "__main__":
    main(sys.argv[1])
