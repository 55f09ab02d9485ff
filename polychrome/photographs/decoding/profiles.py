"""ICC profiles: pixels to the curve and primaries of sRGB.

Gray curves and matrix profiles are computed here in float, since Little CMS, as Pillow has it,
gives 8 bits only. It does the other profiles: lookup tables of scanners, and CMYK. Colors that sRGB
lacks keep their lightness, since that is what the result gets of a picture that has color already;
with these other profiles they are clipped.
"""

import io
import struct
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageCms

from polychrome.color.spaces import XYZ_FROM_RGB, gamma_compress

# Linear sRGB from XYZ adapted to D50, as ICC's sRGB profiles have it.
_LINEAR_FROM_XYZ = np.linalg.inv(
    [
        [0.436066, 0.385147, 0.143066],
        [0.222488, 0.716873, 0.060608],
        [0.013916, 0.097076, 0.714096],
    ]
)
# Y of linear sRGB, as `polychrome.color` takes L* of it.
_LUMINANCE = XYZ_FROM_RGB[1].astype(np.float32)
_FAR, _TINY = np.float32(16.0), np.float32(1e-9)  # odd curves give infinities
_COLORANTS = (b"rXYZ", b"gXYZ", b"bXYZ")
_CURVES = (b"rTRC", b"gTRC", b"bTRC")
_SPACES = {b"GRAY": "L", b"RGB ": "RGB", b"CMYK": "CMYK"}
# Profiles closer to sRGB than this are sRGB: pixels are left alone. In [0, 1].
_SAME = 0.4 / 255
_STRIP = 1 << 20
_IN_CACHE = 1 << 15
_GRID = 52  # nodes at levels 0, 5, ..., 255

Curve = Callable[[np.ndarray], np.ndarray]


def encoded(linear: np.ndarray) -> np.ndarray:
    """Linear light with the curve of sRGB, clipped to [0, 1]."""
    return gamma_compress(np.clip(linear, 0.0, 1.0))


def within_srgb(linear: np.ndarray) -> np.ndarray:
    """Colors in [0, 1]: those outside become less saturated, at the same luminance.

    Args:
        linear: light `[..., 3]` of sRGB's primaries, changed in place.
    """
    low = np.minimum(np.minimum(linear[..., 0], linear[..., 1]), linear[..., 2])
    high = np.maximum(np.maximum(linear[..., 0], linear[..., 1]), linear[..., 2])
    outside = np.nonzero((low < 0.0) | (high > 1.0))
    if not outside[0].size:
        return linear
    low, high = np.maximum(low[outside], -_FAR), np.minimum(high[outside], _FAR)
    colors = np.clip(linear[outside], -_FAR, _FAR)
    gray = np.clip(colors @ _LUMINANCE, 0.0, 1.0)
    # How far from gray the color may go, as a part of what it does.
    share = np.minimum(gray / np.maximum(gray - low, _TINY), 1.0)
    share = np.minimum((1.0 - gray) / np.maximum(high - gray, _TINY), share)
    linear[outside] = gray[:, None] + share[:, None] * (colors - gray[:, None])
    return linear


class _Matrix:
    """RGB `[..., 3]` in [0, 1] to sRGB.

    Args:
        curves: of the channels.
        colorants: XYZ of the primaries, in columns.
    """

    def __init__(self, curves: Sequence[Curve], colorants: np.ndarray):
        self._curves = curves
        matrix = (_LINEAR_FROM_XYZ @ colorants).astype(np.float32)
        # White becomes white exactly: s15Fixed16 numbers leave a tint.
        if np.abs(matrix.sum(axis=1) - 1.0).max() < 1e-3:
            matrix /= matrix.sum(axis=1, keepdims=True)
        self._matrix = matrix

    def __call__(self, rgb: np.ndarray) -> np.ndarray:
        light = [curve(rgb[..., i]) for i, curve in enumerate(self._curves)]
        return encoded(self._linear(light))

    def of_bytes(self, levels: np.ndarray) -> np.ndarray:
        """The same of bytes `[N, 3]`, by tables."""
        ramp = np.arange(256) / 255.0
        curves = [curve(ramp).astype(np.float32) for curve in self._curves]
        table = np.round(encoded(np.arange(65536) / 65535.0) * 255).astype(np.uint8)
        made = np.empty_like(levels)
        for start in range(0, len(levels), _IN_CACHE):
            part = levels[start : start + _IN_CACHE]
            linear = self._linear([curve[part[:, i]] for i, curve in enumerate(curves)])
            made[start : start + _IN_CACHE] = table[(linear * 65535 + 0.5).astype(np.uint16)]
        return made

    def _linear(self, light: Sequence[np.ndarray]) -> np.ndarray:
        return within_srgb(np.stack(light, axis=-1).astype(np.float32) @ self._matrix.T)


class Profile:
    """An ICC profile.

    Args:
        icc: its bytes.

    Attributes:
        mode: Pillow's mode of the pixels that it is for: "L", "RGB" or "CMYK".

    Raises:
        ValueError: it is damaged, or for other pixels.
    """

    def __init__(self, icc: bytes):
        if len(icc) < 132 or icc[36:40] != b"acsp" or icc[16:20] not in _SPACES:
            raise ValueError("no ICC profile of gray, RGB or CMYK")
        self._icc = icc
        self.mode = _SPACES[icc[16:20]]
        count = min(int.from_bytes(icc[128:132], "big"), 200)
        entries = [icc[place : place + 12] for place in range(132, 132 + 12 * count, 12)]
        self._tags = {
            tag: icc[start : start + size]
            for tag, start, size in (
                struct.unpack(">4sII", entry) for entry in entries if len(entry) == 12
            )
        }
        self._has_table = any(tag in self._tags for tag in (b"A2B0", b"A2B1"))
        self._float = None if self._has_table or self.mode == "CMYK" else self._computed()
        if self._float is None:
            self._transform()  # fails for a damaged one
        elif not np.isfinite(self._on(np.linspace(0.0, 1.0, 256))).all():
            raise ValueError("a curve has no values")

    def is_srgb(self) -> bool:
        """Whether it differs from sRGB by less than can be seen."""
        if self.mode != "RGB" or self._float is None:
            return False
        axis = np.linspace(0.0, 1.0, 9)
        grays = np.repeat(np.linspace(0.0, 1.0, 256)[:, None], 3, axis=-1)
        colors = np.stack(np.meshgrid(axis, axis, axis), axis=-1).reshape(-1, 3)
        both = np.concatenate([grays, colors])
        with np.errstate(all="ignore"):
            return bool(np.abs(self._float(both) - both).max() < _SAME)

    def gray(self, levels: np.ndarray) -> np.ndarray:
        """Gray levels `[...]`, uint8, uint16 or float32 in [0, 1], in the same type.

        A profile for RGB is used at R = G = B.
        """
        bytes_only = self._float is None
        count = 256 if levels.dtype == np.uint8 or bytes_only else 65536
        ramp = np.arange(count) / (count - 1)
        if self._float is not None:
            table = self._on(ramp)
        else:
            source = Image.frombytes("L", (256, 1), bytes(range(256))).convert(self.mode)
            table = np.asarray(self.converted(source), np.float64) / 255.0
        table = table if table.ndim == 1 else table.reshape(count, 3)[:, 1]
        if levels.dtype.kind == "u":
            most = np.iinfo(levels.dtype).max
            spread = np.interp(np.arange(most + 1) / most, ramp, table)
            return np.round(spread * most).astype(levels.dtype)[levels]
        return np.interp(levels, ramp, table).astype(np.float32)

    def rgb(self, levels: np.ndarray) -> None:
        """Convert RGB `[H, W, 3]`, uint16 or float32 in [0, 1], in place."""
        most = 65535.0 if levels.dtype == np.uint16 else 1.0
        convert = self._float or _interpolating(self._nodes())
        rows = max(1, _STRIP // levels.shape[1])
        for top in range(0, levels.shape[0], rows):
            strip = levels[top : top + rows]
            made = convert(strip / np.float32(most)) * most
            strip[:] = np.round(made) if most > 1 else made

    def rgb_of_bytes(self, image: Image.Image) -> np.ndarray:
        """RGB `[H, W, 3]` of a picture of 8 bits, of the mode "RGB"."""
        rgb = np.array(self.converted(image))
        if isinstance(self._float, _Matrix):
            # Little CMS is fast, but clips colors that sRGB lacks.
            low = np.minimum(np.minimum(rgb[..., 0], rgb[..., 1]), rgb[..., 2])
            high = np.maximum(np.maximum(rgb[..., 0], rgb[..., 1]), rgb[..., 2])
            places = np.flatnonzero((low != high) & ((low == 0) | (high == 255)))
            if places.size:
                levels = np.asarray(image).reshape(-1, 3)[places]
                rgb.reshape(-1, 3)[places] = self._float.of_bytes(levels)
        return rgb

    def converted(self, image: Image.Image) -> Image.Image:
        """A picture of 8 bits, of this profile's mode, in RGB."""
        made = ImageCms.applyTransform(image, self._transform())
        assert made is not None  # only a conversion in place returns nothing
        return made

    def _on(self, ramp: np.ndarray) -> np.ndarray:
        """Grays `[N]` in [0, 1], converted in float: `[N]` or `[N, 3]`."""
        assert self._float is not None
        with np.errstate(all="ignore"):
            return self._float(ramp if self.mode == "L" else np.repeat(ramp[:, None], 3, axis=-1))

    def _transform(self) -> Any:
        if not hasattr(self, "_made"):
            try:
                self._made = ImageCms.buildTransform(
                    ImageCms.ImageCmsProfile(io.BytesIO(self._icc)),
                    ImageCms.createProfile("sRGB"),
                    self.mode,
                    "RGB",
                    ImageCms.Intent.RELATIVE_COLORIMETRIC,
                    ImageCms.Flags.BLACKPOINTCOMPENSATION,
                )
            except (ImageCms.PyCMSError, OSError, TypeError) as error:
                raise ValueError(str(error)) from error
        return self._made

    def _computed(self) -> Curve:
        """The conversion of gray `[...]` or RGB `[..., 3]` in [0, 1], in float."""
        if self.mode == "L":
            curve = _curve(self._tags.get(b"kTRC", b""))
            # The curve gives light, or lightness if the profile's connection space is Lab.
            if self._icc[20:24] == b"Lab ":
                return lambda gray: encoded(_light(curve(gray)))
            return lambda gray: encoded(curve(gray))
        curves = [_curve(self._tags.get(tag, b"")) for tag in _CURVES]
        columns = [_colorant(self._tags.get(tag, b"")) for tag in _COLORANTS]
        return _Matrix(curves, np.stack(columns, axis=-1))

    def _nodes(self) -> np.ndarray:
        """RGB in [0, 1] at a grid of levels, `[R, G, B, 3]`."""
        axis = (np.arange(_GRID) * 5).astype(np.uint8)
        grid = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1)
        source = Image.fromarray(grid.reshape(_GRID, _GRID * _GRID, 3))
        made = np.asarray(self.converted(source), np.float32) / 255.0
        return made.reshape(_GRID, _GRID, _GRID, 3)


def _interpolating(nodes: np.ndarray) -> Curve:
    def convert(rgb: np.ndarray) -> np.ndarray:
        place = np.clip(rgb, 0.0, 1.0) * np.float32(_GRID - 1)
        low = np.minimum(place.astype(np.int32), _GRID - 2)
        part = place - low
        total = np.zeros_like(rgb)
        for corner in np.ndindex(2, 2, 2):
            weight = np.prod(np.where(corner, part, 1.0 - part), axis=-1, keepdims=True)
            at = low + np.array(corner)
            total += weight * nodes[at[..., 0], at[..., 1], at[..., 2]]
        return total

    return convert


def _colorant(tag: bytes) -> np.ndarray:
    if tag[:4] != b"XYZ " or len(tag) < 20:
        raise ValueError("a colorant is missing")
    return np.array(struct.unpack(">3i", tag[8:20])) / 65536.0


def _light(lightness: np.ndarray) -> np.ndarray:
    """Y in [0, 1] of L* / 100."""
    f = (100.0 * lightness + 16.0) / 116.0
    return np.where(f > 6 / 29, f**3, (f - 16 / 116) * 3 * (6 / 29) ** 2)


def _curve(tag: bytes) -> Curve:
    """A tone curve as a function of [0, 1]."""
    kind = tag[:4]
    if kind == b"curv" and len(tag) >= 12:
        count = int.from_bytes(tag[8:12], "big")
        if count == 0:
            return lambda value: value
        points = np.frombuffer(tag[12 : 12 + 2 * count], ">u2").astype(np.float64)
        if len(points) != count:
            raise ValueError("a curve is cut short")
        if count == 1:
            gamma = float(points[0]) / 256.0
            return lambda value: value**gamma
        places = np.linspace(0.0, 1.0, count)
        return lambda value: np.interp(value, places, points / 65535.0)
    if kind == b"para" and len(tag) >= 12:
        which = int.from_bytes(tag[8:10], "big")
        count = {0: 1, 1: 3, 2: 4, 3: 5, 4: 7}.get(which, 0)
        if count and len(tag) >= 12 + 4 * count:
            numbers = [n / 65536.0 for n in struct.unpack(f">{count}i", tag[12 : 12 + 4 * count])]
            return _parametric(which, numbers)
    raise ValueError("a curve is missing")


def _parametric(which: int, numbers: list[float]) -> Curve:
    """ICC.1, table 68: (a x + b) ** gamma + e from d on, c x + f below."""
    gamma, a, b, c, d, e, f = (numbers + [0.0] * 6)[:7]
    if which == 0:
        a, d = 1.0, -1.0
    elif which in (1, 2):
        if not a:
            raise ValueError("a curve is constant")
        c, d, e, f = 0.0, -b / a, (c if which == 2 else 0.0), (c if which == 2 else 0.0)

    def curve(value: np.ndarray) -> np.ndarray:
        power = np.maximum(a * value + b, 0.0) ** gamma + e
        return np.where(value >= d, power, c * value + f)

    return curve
