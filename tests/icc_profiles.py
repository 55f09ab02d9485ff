"""ICC profiles, written by hand: gray curves, RGB by a matrix, RGB and CMYK by a table."""

import struct

import numpy as np

# Adobe RGB (1998), annex C: colorants adapted to D50, and a curve of 563/256.
ADOBE_RGB = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
D50 = (0.9642, 1.0, 0.8249)


def gamma_curve(gamma):
    return b"curv" + struct.pack(">IIH", 0, 1, round(gamma * 256))


def table_curve(values):
    """A curve through values in [0, 1]."""
    levels = np.round(np.asarray(values) * 65535).astype(">u2")
    return b"curv" + struct.pack(">II", 0, len(levels)) + levels.tobytes()


def parametric_curve(which, *numbers):
    fixed = [round(number * 65536) for number in numbers]
    return b"para" + struct.pack(f">IHH{len(fixed)}i", 0, which, 0, *fixed)


SRGB_CURVE = parametric_curve(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)


def _xyz(values):
    return b"XYZ " + struct.pack(">I3i", 0, *(round(value * 65536) for value in values))


def _profile(space, connection, kind, tags):
    tags = {b"wtpt": _xyz(D50), **tags}
    start, table, data = 128 + 4 + 12 * len(tags), b"", b""
    for name, content in tags.items():
        table += struct.pack(">4sII", name, start + len(data), len(content))
        data += content + bytes(-len(content) % 4)
    size = start + len(data)
    header = struct.pack(">I4sI4s4s4s", size, b"test", 0x02400000, kind, space, connection)
    header += bytes(12) + b"acsp" + bytes(28) + _xyz(D50)[8:] + bytes(48)
    return header + struct.pack(">I", len(tags)) + table + data


def gray_profile(curve, connection=b"XYZ "):
    return _profile(b"GRAY", connection, b"mntr", {b"kTRC": curve})


def matrix_profile(colorants=ADOBE_RGB, curve=None):
    curve = curve or gamma_curve(563 / 256)
    names = (b"rXYZ", b"gXYZ", b"bXYZ")
    tags = {name: _xyz(column) for name, column in zip(names, colorants, strict=True)}
    return _profile(
        b"RGB ", b"XYZ ", b"mntr", tags | {name: curve for name in (b"rTRC", b"gTRC", b"bTRC")}
    )


def table_profile(space, lab_of):
    """A profile by an 8-bit table of two levels a channel.

    Args:
        space: b"CMYK" or b"RGB ".
        lab_of: L*, a*, b* of a corner, a tuple of 0 and 1.
    """
    channels = 4 if space == b"CMYK" else 3
    table = b"mft1" + struct.pack(">I4B", 0, channels, 3, 2, 0)
    table += struct.pack(">9i", *(65536 * (i % 4 == 0) for i in range(9)))
    table += bytes(range(256)) * channels
    for corner in np.ndindex(*[2] * channels):
        lightness, a, b = lab_of(corner)
        table += bytes([round(lightness * 2.55), round(a + 128), round(b + 128)])
    table += bytes(range(256)) * 3
    return _profile(space, b"Lab ", b"prtr", {b"A2B0": table})
