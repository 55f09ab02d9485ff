"""Clips of known motion, made of photographs: a camera that pans, zooms or turns."""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np

MOTIONS = ("pan", "zoom", "turn")
# Of the whole clip: pixels, share of the size, and degrees.
_WAY, _ZOOM, _TURN = 48.0, 0.25, 12.0


class Clip(NamedTuple):
    """Frames, and where what they show was in the photograph.

    Attributes:
        frames: uint8 `[n, side, side, 3]`.
        places: float64 `[n, 2, 3]`, affine maps from pixels of a frame to those of the photograph.
    """

    frames: np.ndarray
    places: np.ndarray


def clip_of(photograph: np.ndarray, motion: str, side: int, count: int, direction: float) -> Clip:
    """Move a camera over a photograph.

    Args:
        photograph: uint8 `[H, W, 3]`.
        motion: one of `MOTIONS`.
        side: of the frames, in pixels; what they show is in the photograph throughout if that is
            larger by a third.
        count: number of frames.
        direction: of a pan, in radians; the sign of its sine is that of a zoom and a turn.
    """
    middle = (np.array(photograph.shape[1::-1]) - 1) / 2
    sign = 1.0 if np.sin(direction) >= 0 else -1.0
    places = []
    for part in np.linspace(-0.5, 0.5, count):
        shift, scale, angle = np.zeros(2), 1.0, 0.0
        if motion == "pan":
            shift = part * _WAY * np.array([np.cos(direction), np.sin(direction)])
        elif motion == "zoom":
            scale = 1.0 - sign * part * _ZOOM
        else:
            angle = np.radians(sign * part * _TURN)
        turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        start = middle + shift - turn @ np.full(2, (side - 1) / 2)
        places.append(np.concatenate([turn, start[:, None]], axis=1))
    frames = [_taken(photograph, place, side, cv2.INTER_CUBIC) for place in places]
    return Clip(np.stack(frames), np.stack(places))


def moved_back(following: np.ndarray, clip: Clip, index: int) -> np.ndarray:
    """Values of the next frame at the places of those of a frame, by the true motion.

    Args:
        following: float32 `[side, side, C]`, of frame `index + 1`.
        index: of the frame.

    Returns:
        float32 `[side, side, C]`; NaN where the next frame shows nothing of it.
    """
    whole = [np.concatenate([place, [[0.0, 0.0, 1.0]]]) for place in clip.places[index : index + 2]]
    place = (np.linalg.inv(whole[1]) @ whole[0])[:2]
    side = following.shape[0]
    moved = _taken(following, place, side, cv2.INTER_LINEAR)
    inside = _taken(np.ones((side, side), np.float32), place, side, cv2.INTER_LINEAR) > 0.999
    return np.where(inside[..., None], moved, np.nan)


def warping_error(ab: Sequence[np.ndarray], clip: Clip) -> float:
    """Flicker: the root mean square difference of chroma to the next frame moved back, ab units.

    Args:
        ab: float32 `[side, side, 2]` of each frame.
    """
    squares = [
        np.nanmean(np.square(ab[index] - moved_back(ab[index + 1], clip, index)).sum(axis=-1))
        for index in range(len(ab) - 1)
    ]
    return float(np.sqrt(np.mean(squares)))


def color_consistency(frames: np.ndarray, steps: Sequence[int] = (1, 2, 4)) -> float:
    """CDC, the color distribution consistency index of NTIRE 2023; 0 if no histogram changes.

    The Jensen-Shannon divergence (natural logarithm) between the histograms of 256 bins of each
    channel, from each frame to the one so many steps later, averaged over channels and frames,
    then over the steps. It sees no motion.

    Args:
        frames: uint8 `[n, H, W, 3]`.
    """
    counts = np.stack(
        [
            [np.bincount(frame[..., channel].ravel(), minlength=256) for channel in range(3)]
            for frame in frames
        ]
    )
    shares = counts / frames[0, ..., 0].size
    return float(np.mean([_divergence(shares[:-step], shares[step:]).mean() for step in steps]))


def _divergence(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    middle = (one + other) / 2
    return (_entropy_gap(one, middle) + _entropy_gap(other, middle)) / 2


def _entropy_gap(shares: np.ndarray, middle: np.ndarray) -> np.ndarray:
    ratio = np.where(shares > 0, shares, 1.0) / np.where(shares > 0, middle, 1.0)
    return (shares * np.log(ratio)).sum(axis=-1)


def _taken(picture: np.ndarray, place: np.ndarray, side: int, filter: int) -> np.ndarray:
    return cv2.warpAffine(
        picture,
        place,
        (side, side),
        flags=filter | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REFLECT if filter == cv2.INTER_CUBIC else cv2.BORDER_CONSTANT,
    )
