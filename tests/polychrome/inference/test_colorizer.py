"""`Colorizer`: photographs in every form come back in theirs, colored, with their lightness."""

import struct
import zlib
from functools import partial

import cv2
import keras
import numpy as np
import pytest
from PIL import Image, ImageOps
from skimage.color import rgb2lab
from tiny_colorizers import IMAGE_SIZE, dialed_violet, lively, preset_of, violet

import polychrome
from polychrome import Hint
from polychrome.color.scaling import PADOVA
from polychrome.errors import InputError
from polychrome.inference.colorize import colorize_rgb
from polychrome.inference.colorizer import Colorizer
from polychrome.inference.predict import predict
from polychrome.inference.runtimes import NetworkRuntime
from polychrome.photographs.photograph import Photograph


@pytest.fixture(scope="module")
def colorizer(tmp_path_factory):
    return polychrome.load(preset_of(violet(), tmp_path_factory.mktemp("presets") / "violet"))


@pytest.fixture(scope="module")
def dialed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("presets") / "dialed"
    return polychrome.load(preset_of(dialed_violet(), folder))


@pytest.fixture
def photo(smooth):
    return smooth(1, 30, 41, seed=7)[0]


def _chroma(rgb) -> float:
    return np.hypot(*np.moveaxis(rgb2lab(rgb)[..., 1:], -1, 0)).mean()


def _lightness(rgb):
    return rgb2lab(rgb)[..., 0]


def test_an_array_is_colored_as_the_export_colors_it(colorizer, photo):
    colored = colorizer.colorize(photo, upsampling="bilinear")
    assert colored.dtype == np.uint8 and colored.shape == photo.shape
    expected = np.asarray(
        colorize_rgb(partial(predict, violet(), PADOVA), IMAGE_SIZE, photo)
    ).astype(int)
    assert (np.abs(colored - expected) > 1).mean() < 1e-3
    middle = (_lightness(photo) > 30) & (_lightness(photo) < 70)
    assert (rgb2lab(colored)[middle][:, 1] > 25).all()


# dtype: levels in white, and how far L* may move: 8 bits round by half a level of each channel,
# the others by less than the gamut search leaves outside.
DEPTHS = {"uint8": (255, 0.3), "uint16": (65535, 3e-3), "float32": (1, 3e-3), "float64": (1, 3e-3)}


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("gray", [True, False])
def test_arrays_of_any_depth_keep_it_and_their_lightness(colorizer, photo, depth, gray):
    white, tolerance = DEPTHS[depth]
    photo = photo[..., 1] if gray else photo
    # Levels between those of 8 bits, so that losing them would show.
    fine = np.clip((photo + np.random.default_rng(0).uniform(-0.5, 0.5, photo.shape)) / 255, 0, 1)
    given = fine * white if depth.startswith("float") else np.round(fine * white)
    given = given.astype(depth)
    colored = colorizer.colorize(given)
    assert colored.dtype == given.dtype and colored.shape == (30, 41, 3)
    rgb = np.repeat(given[..., None], 3, axis=-1) if gray else given
    moved = np.abs(_lightness(colored / white) - _lightness(rgb / white))
    assert moved.max() <= tolerance
    assert _chroma(colored / white) > 20


def test_a_picture_and_its_gray_are_colored_alike(colorizer, photo):
    gray = np.repeat(photo[..., :1], 3, axis=-1)
    np.testing.assert_array_equal(colorizer.colorize(gray), colorizer.colorize(gray[..., 0]))


def test_pil_images_and_paths_come_back_as_pil_images(colorizer, photo, tmp_path):
    expected = colorizer.colorize(photo)
    Image.fromarray(photo).save(tmp_path / "photo.png")
    for given in (Image.fromarray(photo), tmp_path / "photo.png", str(tmp_path / "photo.png")):
        colored = colorizer.colorize(given)
        assert isinstance(colored, Image.Image) and colored.mode == "RGB"
        np.testing.assert_array_equal(np.asarray(colored), expected)


@pytest.mark.parametrize("mode", ["L", "P", "CMYK", "YCbCr", "LAB", "HSV"])
def test_pil_modes_without_alpha(colorizer, photo, mode):
    image = Image.fromarray(photo)
    colored = colorizer.colorize(image.convert(mode))
    assert colored.mode == "RGB" and colored.size == image.size
    assert _chroma(np.asarray(colored)) > 15


def test_black_and_white_stay(colorizer):
    colored = colorizer.colorize(Image.fromarray(np.eye(9, dtype=bool)))
    assert np.abs(np.asarray(colored, int) - 255 * np.eye(9, dtype=int)[..., None]).max() <= 1


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_alpha_is_kept(colorizer, photo, mode):
    alpha = Image.fromarray(np.where(photo[..., 0] > 128, 255, 0).astype("uint8"))
    image = Image.fromarray(photo).convert("RGBA" if mode == "P" else mode)
    image.putalpha(alpha)
    if mode == "P":
        image = image.quantize()
        alpha = image.convert("RGBA").getchannel("A")
    colored = colorizer.colorize(image)
    assert colored.mode == "RGBA"
    np.testing.assert_array_equal(np.asarray(colored)[..., 3], np.asarray(alpha))
    assert _chroma(np.asarray(colored)[..., :3]) > 15


def test_lists_of_all_of_these(colorizer, photo, tmp_path):
    Image.fromarray(photo).save(tmp_path / "photo.png")
    given = [photo, tmp_path / "photo.png", photo[:9, :5].astype("uint16") * 257]
    colored = colorizer.colorize(given)
    assert [type(each) for each in colored] == [np.ndarray, Image.Image, np.ndarray]
    assert colored[2].dtype == np.uint16 and colored[2].shape == (9, 5, 3)
    assert colorizer.colorize([]) == []


@pytest.mark.parametrize("upsampling", ["guided", "bilinear"])
@pytest.mark.parametrize("shape", [(1, 1), (1, 4000), (4000, 1), (3, 5000), (5000, 3)])
def test_odd_shapes(colorizer, shape, upsampling):
    gray = np.random.default_rng(0).integers(60, 190, shape, np.uint8)
    colored = colorizer.colorize(gray, upsampling=upsampling)
    assert colored.shape == (*shape, 3) and _chroma(colored) > 20
    assert np.abs(_lightness(colored) - _lightness(np.stack([gray] * 3, -1))).max() < 0.5


@pytest.mark.parametrize("orientation", range(1, 9))
def test_paths_and_pil_images_are_turned_upright(colorizer, photo, tmp_path, orientation):
    image = Image.fromarray(photo)
    exif = image.getexif()
    exif[0x0112] = orientation
    path = tmp_path / "photo.png"
    image.save(path, exif=exif)
    with Image.open(path) as opened:
        colored = colorizer.colorize(opened)
    assert colored.size == ((41, 30) if orientation < 5 else (30, 41))
    assert colorizer.colorize(path) == colored


def _written(path, levels):
    assert cv2.imwrite(str(path), levels[..., ::-1] if levels.ndim == 3 else levels)
    return path


@pytest.mark.parametrize("suffix", ["png", "tif"])
@pytest.mark.parametrize("gray", [True, False])
def test_files_of_16_bits_give_arrays_of_16_bits(colorizer, photo, tmp_path, suffix, gray):
    rng = np.random.default_rng(0)
    deep = photo.astype("uint16") * 257 ^ rng.integers(0, 256, photo.shape, np.uint16)
    deep = deep[..., 0] if gray else deep
    colored = colorizer.colorize(_written(tmp_path / f"deep.{suffix}", deep))
    assert colored.dtype == np.uint16
    np.testing.assert_array_equal(colored, colorizer.colorize(deep))


@pytest.mark.parametrize("orientation", range(2, 9))
def test_files_of_16_bits_are_turned_upright(colorizer, photo, tmp_path, orientation):
    path = _written(tmp_path / "deep.png", photo.astype("uint16") * 257)
    # The chunk stands behind the header; Pillow cannot write this depth with it.
    tiff = b"II*\0\x08\0\0\0\x01\0" + struct.pack("<HHIHHI", 0x0112, 3, 1, orientation, 0, 0)
    chunk = b"eXIf" + tiff
    whole = path.read_bytes()
    exif = struct.pack(">I", len(tiff)) + chunk + struct.pack(">I", zlib.crc32(chunk))
    path.write_bytes(whole[:33] + exif + whole[33:])
    image = Image.fromarray(photo)
    image.getexif()[0x0112] = orientation
    upright = np.asarray(ImageOps.exif_transpose(image))
    expected = colorizer.colorize(upright.astype("uint16") * 257)
    np.testing.assert_array_equal(colorizer.colorize(path), expected)


def test_alpha_of_16_bits_is_dropped(colorizer, photo, tmp_path):
    deep = photo.astype("uint16") * 257
    alpha = np.full_like(deep[..., :1], 40_000)
    path = tmp_path / "deep.png"
    assert cv2.imwrite(str(path), np.concatenate([deep[..., ::-1], alpha], axis=-1))
    np.testing.assert_array_equal(colorizer.colorize(path), colorizer.colorize(deep))


def test_the_dial_goes_from_the_faithful_to_the_vivid(dialed, photo):
    photo = photo // 2 + 64
    chroma = [_chroma(dialed.colorize(photo, vivid=vivid)) for vivid in (0.0, 0.5, 1.0)]
    assert chroma[0] < chroma[1] - 5 < chroma[2] - 10
    prediction = dialed.predict(np.full((1, 4, 5, 1), 50.0))
    np.testing.assert_allclose(prediction.ab, prediction.vivid_ab / 4, rtol=1e-5)
    np.testing.assert_allclose(prediction.spread, np.full((1, 4, 5, 1), 12.8), rtol=1e-5)


def test_saturation_scales_chroma(colorizer, photo):
    gray = colorizer.colorize(photo, saturation=0)
    assert _chroma(gray) < 1
    photo = photo // 4 + 96
    chroma = [_chroma(colorizer.colorize(photo, saturation=x)) for x in (0.1, 0.2)]
    assert chroma[1] == pytest.approx(2 * chroma[0], rel=0.05)


def test_a_network_at_hand(photo, colorizer):
    at_hand = Colorizer(NetworkRuntime(violet(), PADOVA, IMAGE_SIZE))
    assert at_hand.card == {"name": "violet", "image_size": 16, "outputs": ["ab"]}
    np.testing.assert_array_equal(at_hand.colorize(photo), colorizer.colorize(photo))
    assert at_hand.predict(np.zeros((2, 3, 4, 1))).vivid_ab is None


def test_a_photograph_is_colored_as_its_pixels(dialed, photo):
    for pixels in (photo, photo[..., 0], photo.astype("uint16") * 257, np.float32(photo / 255)):
        settings = {"vivid": 0.5, "saturation": 0.8, "upsampling": "bilinear"}
        colored = dialed.colorize_photograph(Photograph(pixels), **settings)
        assert colored.dtype == pixels.dtype and colored.shape == (30, 41, 3)
        np.testing.assert_array_equal(colored, dialed.colorize(pixels, **settings))
    with pytest.raises(InputError, match="vivid is 2"):
        dialed.colorize_photograph(Photograph(photo), vivid=2)


REFUSED = {
    "upsampling": (dict(upsampling="cubic"), "upsampling is 'cubic', should be guided or bil"),
    "vivid without a dial": (dict(vivid=0.5), "violet has no vivid output"),
    "vivid too high": (dict(vivid=1.5), "vivid is 1.5, should be 0 to 1"),
    "vivid NaN": (dict(vivid=float("nan")), "vivid is nan"),
    "saturation": (dict(saturation=-1.0), "saturation is -1, should be 0 or more"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_settings_that_the_model_does_not_have_are_refused(colorizer, photo, name):
    settings, message = REFUSED[name]
    for image in (photo, [photo], []):
        with pytest.raises(InputError, match=message) as caught:
            colorizer.colorize(image, **settings)
        assert "\n" not in str(caught.value)


def test_hints_spread_in_predictions_of_any_network(colorizer, photo):
    prediction = colorizer.predict(np.full((1, 9, 9, 1), 50.0), [Hint(4, 4, (0, 160, 0))])
    assert prediction.ab[0, 4, 4, 0] < -30
    green, plain = (
        colorizer.colorize(photo, hints=[Hint(20, 15, (0, 160, 0))]),
        colorizer.colorize(photo),
    )
    assert rgb2lab(green)[15, 20, 1] < rgb2lab(plain)[15, 20, 1] - 40


def test_a_model_without_a_spread_cannot_ask(colorizer, photo):
    with pytest.raises(InputError, match="violet has no spread output, so it cannot ask"):
        colorizer.ask(photo, 3)


def test_a_network_that_takes_hints_gets_them():
    from polychrome.color.scaling import ZHANG
    from polychrome.models.siggraph17 import build_siggraph17, without_hints

    painter = lively(build_siggraph17(width=2, bins=3))
    colorizer = Colorizer(NetworkRuntime(without_hints(painter), ZHANG, IMAGE_SIZE))
    lightness = np.random.default_rng(0).uniform(20, 80, (2, 16, 24, 1)).astype(np.float32)
    hint = Hint(5, 7, (0, 0, 255), 1, frame=1)
    found = colorizer.predict(lightness, [hint])
    painted, mask = np.zeros((2, 16, 24, 2), np.float32), np.zeros((2, 16, 24, 1), np.float32)
    disk = np.hypot(*np.meshgrid(np.arange(24) - 5, np.arange(16) - 7)) <= 1.5
    painted[1, disk], mask[1, disk] = rgb2lab(np.uint8([[hint.rgb]]))[0, 0, 1:] / 110, 1
    inputs = {"lightness": (lightness - 50) / 100, "hints": painted, "mask": mask}
    expected = 110 * keras.ops.convert_to_numpy(painter(inputs)["chroma"])
    np.testing.assert_allclose(found.ab, expected, atol=0.05)
    plain = colorizer.predict(lightness)
    assert np.abs(found.ab - plain.ab)[1].max() > 1
    np.testing.assert_allclose(found.ab[0], plain.ab[0], atol=1e-3)


UNUSABLE = {
    "four channels": (np.zeros((4, 4, 4), np.uint8), r"shape \(4, 4, 4\), should be"),
    "one channel": (np.zeros((4, 4, 1), np.uint8), r"shape \(4, 4, 1\)"),
    "a batch": (np.zeros((2, 4, 4, 3), np.uint8), r"shape \(2, 4, 4, 3\)"),
    "empty": (np.zeros((0, 4, 3), np.uint8), r"shape \(0, 4, 3\)"),
    "int64": (np.zeros((4, 4), int), "is of int64, should be uint8, uint16 or float"),
    "bool": (np.zeros((4, 4), bool), "is of bool"),
    "0...255 floats": (np.full((4, 4), 255.0), "outside of 0...1"),
    "NaN": (np.full((4, 4), np.nan), "outside of 0...1"),
    "nothing": (None, "an image of type NoneType, should be a path"),
    "no file": ("no such file.png", "no such file.png: no such file"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_images_that_cannot_be_used_are_one_line(colorizer, name):
    image, message = UNUSABLE[name]
    with pytest.raises(InputError, match=message) as caught:
        colorizer.colorize(image)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["empty.jpg", "text.jpg", "truncated.jpg", "truncated.png"])
def test_damaged_files_are_one_line(colorizer, damaged_files, name):
    with pytest.raises(InputError, match=f"{name}: ") as caught:
        colorizer.colorize(damaged_files / name)
    assert "\n" not in str(caught.value)


def test_animations_are_refused(colorizer, unusual_files):
    with pytest.raises(InputError, match="animated.gif: it has 2 frames"):
        colorizer.colorize(unusual_files / "animated.gif")


@pytest.mark.parametrize("shape", [(4, 4), (1, 4, 4), (1, 4, 4, 3)])
def test_lightness_of_another_shape_is_refused(colorizer, shape):
    with pytest.raises(InputError, match=r"should be \[batch, height, width, 1\]"):
        colorizer.predict(np.zeros(shape))


def test_many_colorizers_in_one_process_are_no_reason_to_warn(caplog, photo):
    for seed in range(8):
        Colorizer(NetworkRuntime(violet(seed), PADOVA, IMAGE_SIZE)).predict(np.zeros((1, 4, 4, 1)))
    assert "retracing" not in caplog.text


def test_one_graph_serves_all_sizes(monkeypatch):
    network, calls = violet(), []
    call = network.call
    monkeypatch.setattr(network, "call", lambda *args, **kw: calls.append(0) or call(*args, **kw))
    colorizer = Colorizer(NetworkRuntime(network, PADOVA, IMAGE_SIZE))
    for size in (4, 5, 9):
        assert colorizer.predict(np.zeros((size, size, 4, 1))).ab.shape == (size, size, 4, 2)
    assert len(calls) == 1
