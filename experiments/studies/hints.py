"""What hints are worth, and whether places that the model asks about are better than others."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from tqdm import tqdm

from experiments.grading.scores import Scores
from experiments.studies.edges import NEAR, STRONG
from experiments.studies.photographs import colored, psnr
from polychrome.color.spaces import rgb_to_lab
from polychrome.hints.marks import Marks, marks_of
from polychrome.hints.spreading import correction
from polychrome.hints.types import Hint, Question
from polychrome.inference.asked import questions
from polychrome.inference.full_size import Layer, join, seen_lightness
from polychrome.inference.hinted import correction_layer
from polychrome.inference.types import Prediction

COUNTS = (1, 2, 5, 10, 20)
# Of a hint's disk, in pixels.
RADIUS = 3
Painted = Callable[[np.ndarray, Sequence[Marks]], Prediction | None]


def measure_hints(
    photographs: np.ndarray,
    seen: int,
    predict: Callable[[np.ndarray], Prediction],
    painted: Painted = lambda lightness, marks: None,
    seed: int = 0,
) -> dict[str, Any]:
    """PSNR with true hints at random places, on a grid, and where the model asks; and leakage.

    A true hint is the mean color of the disk at its place. Without a spread nothing is asked.

    Args:
        photographs: uint8 `[n, H, W, 3]`; gray ones do not count.
        seen: side at which the network sees them.
        predict: as `polychrome.Colorizer.predict`, without hints.
        painted: as `polychrome.Colorizer.painted`; the usual one: of networks that take no hints.
        seed: of the random places.

    Returns:
        JSON values: "images"; "psnr" by way and number of hints, that of "none" under "0"; "gain"
        over none; "asked_over" the other ways, paired; "distance" of the nearest "offered" color
        and of the "faithful" one from the true one in the ab plane; and "leakage" (see
        `edge_leakage`). Means are over images, with intervals.
    """
    photos = colored(photographs)
    rows: dict[str, dict[str, list[float]]] = {"none": {"0": []}}
    others: dict[str, list[float]] = {"leakage": [], "offered": [], "faithful": []}
    for index, photo in enumerate(tqdm(photos, desc="hints", unit="image", leave=False)):
        rng = np.random.default_rng([seed, index])
        hinted = _Photograph(photo, seen, predict, painted)
        rows["none"]["0"].append(hinted.psnr([]))
        for way, hints in _ways(photo, hinted, rng).items():
            for count in COUNTS:
                own = rows.setdefault(way, {}).setdefault(str(count), [])
                own.append(hinted.psnr(hints(count)))
        others["leakage"].append(hinted.leakage(*_random_places(photo, 1, rng)[0]))
        if hinted.questions:
            offered, faithful = hinted.distances()
            others["offered"].append(offered)
            others["faithful"].append(faithful)
    return {"images": len(photos), **_summary(rows, others)}


def true_hint(photo: np.ndarray, x: int, y: int) -> Hint:
    """The mean color of a disk of a photograph, uint8 `[H, W, 3]`."""
    rows, columns = np.ogrid[: photo.shape[0], : photo.shape[1]]
    disk = (rows - y) ** 2 + (columns - x) ** 2 <= RADIUS**2
    red, green, blue = (int(level) for level in np.round(photo[disk].mean(axis=0)))
    return Hint(x, y, (red, green, blue), RADIUS)


def grid_places(width: int, height: int, count: int) -> list[tuple[int, int]]:
    """So many places in even rows, as x and y."""
    lines = min(count, max(1, round((count * height / width) ** 0.5)))
    places = []
    for line in range(lines):
        own = count // lines + (line < count % lines)
        y = int((line + 0.5) * height / lines)
        places += [(int((place + 0.5) * width / own), y) for place in range(own)]
    return places


def edge_leakage(lightness: np.ndarray, change: np.ndarray) -> float:
    """How much of a change goes across strong edges of lightness: 0 if it stops there, 1 if not.

    Over all places, along rows and columns, where L* changes by `STRONG` over two pixels: the
    smaller of the changes `NEAR` pixels before and behind, summed, over the sum of the larger ones.

    Args:
        lightness: L* `[H, W]`.
        change: of the color, 0 or more, `[H, W]`.
    """
    smaller = larger = 0.0
    for level, step in ((lightness, change), (lightness.T, change.T)):
        edge = np.abs(level[:, 2:] - level[:, :-2])[:, NEAR - 1 : 1 - NEAR] >= STRONG
        before, behind = step[:, : -2 * NEAR][edge], step[:, 2 * NEAR :][edge]
        smaller += float(np.minimum(before, behind).sum())
        larger += float(np.maximum(before, behind).sum())
    return smaller / larger if larger else np.nan


class _Photograph:
    """A photograph, its prediction, and what hints make of it.

    Attributes:
        questions: of the model, the best first; none without a spread.
    """

    def __init__(
        self,
        photo: np.ndarray,
        seen: int,
        predict: Callable[[np.ndarray], Prediction],
        painted: Painted,
    ):
        lightness = seen_lightness(photo, seen)
        prediction = predict(lightness)
        self._photo, self._painted = photo, painted
        self._seen = Layer(np.asarray(prediction.ab[0]), lightness[0, ..., 0])
        self._spread = None
        self.questions: list[Question] = []
        if prediction.spread is not None:
            self._spread = np.asarray(prediction.spread[0, ..., 0])
            self.questions = questions(photo, prediction, max(COUNTS))

    def psnr(self, hints: Sequence[Hint]) -> float:
        ab, layer = self._seen.ab, None
        if hints:
            level = self._seen.lightness
            marks = marks_of(hints, self._photo.shape[:2], level.shape)
            from_network = self._painted(level[None, ..., None], [marks])
            if from_network is None:
                layer = correction_layer(self._photo, self._seen, self._spread, hints)
            else:
                ab = np.asarray(from_network.ab[0])
        made = join(self._photo, ab, lightness=self._seen.lightness, correction=layer)
        return float(psnr(self._photo[None], made[None])[0])

    def leakage(self, x: int, y: int) -> float:
        size = self._photo.shape[:2]
        # The color has no influence on where a correction goes.
        hint = Hint(x, y, (255, 0, 0), RADIUS)
        nothing = np.zeros((*size, 2), np.float32)
        marks = marks_of([hint], size, size)
        lightness = seen_lightness(self._photo, min(size))[0, ..., 0]
        change = correction(lightness, nothing, Marks(marks.ab, marks.marked))
        return edge_leakage(lightness, np.linalg.norm(change, axis=-1))

    def distances(self) -> tuple[float, float]:
        """Of the nearest offered and of the first color from the truth, over all questions."""
        found = []
        for question in self.questions:
            away = np.linalg.norm(_ab(question.colors) - self._truth(question), axis=-1)
            found.append((away.min(), away[0]))
        offered, faithful = np.mean(found, axis=0)
        return float(offered), float(faithful)

    def _truth(self, question: Question) -> np.ndarray:
        return _ab([true_hint(self._photo, question.x, question.y).rgb])


def _ways(
    photo: np.ndarray, hinted: _Photograph, rng: np.random.Generator
) -> dict[str, Callable[[int], list[Hint]]]:
    """So many hints, by way of finding their places."""
    height, width = photo.shape[:2]
    drawn = _random_places(photo, max(COUNTS), rng)
    ways: dict[str, Callable[[int], list[Hint]]] = {
        "random": lambda count: [true_hint(photo, x, y) for x, y in drawn[:count]],
        "grid": lambda count: [
            true_hint(photo, x, y) for x, y in grid_places(width, height, count)
        ],
    }
    if hinted.questions:
        asked = hinted.questions
        ways["asked"] = lambda count: [true_hint(photo, q.x, q.y) for q in asked[:count]]
    return ways


def _random_places(
    photo: np.ndarray, count: int, rng: np.random.Generator
) -> list[tuple[int, int]]:
    height, width = photo.shape[:2]
    drawn = rng.integers(0, [width, height], (count, 2))
    return [(int(x), int(y)) for x, y in drawn]


def _ab(colors: Any) -> np.ndarray:
    return rgb_to_lab(np.asarray(colors, np.uint8))[..., 1:]


def _summary(
    rows: dict[str, dict[str, list[float]]], others: dict[str, list[float]]
) -> dict[str, Any]:
    none = np.float32(rows["none"]["0"])
    per_image = {
        way: {count: np.float32(values) for count, values in found.items()}
        for way, found in rows.items()
    }
    scores = Scores(per_image)
    ways = [way for way in rows if way != "none"]
    gains = {
        way: {count: values - none for count, values in per_image[way].items()} for way in ways
    }
    found: dict[str, Any] = {"psnr": scores.table(), "gain": Scores(gains).table()}
    if "asked" in ways:
        found["asked_over"] = {
            way: {str(count): scores.difference("asked", way, str(count)) for count in COUNTS}
            for way in ("random", "grid")
        }
    rest = {key: np.float32(values) for key, values in others.items() if values}
    table = Scores({"all": rest}).table()["all"]
    found["leakage"] = table.pop("leakage")
    return found | {"distance": table} if table else found
