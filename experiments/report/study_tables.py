"""Tables of what studies of one colorizer found, for the terminal and for cards."""

from collections.abc import Mapping

from tabulate import tabulate

from experiments.grading.bootstrap import FEW
from experiments.studies.curves import Point
from experiments.studies.skin import THIRDS
from tf_data.degradations.strengths import DEGRADATIONS

LABELS = {
    "spread": "predicted spread",
    "contrast": "local contrast of lightness",
    "error": "the error itself (bound)",
}
_WAYS = ("dial", "factor")
_PLACED = {"random": "at random places", "grid": "on a grid", "asked": "where the model asks"}
_FROM = ("from_clean", "from_truth")
_PLACES = ("near_edges", "elsewhere")
_FEW = "(few)"


def robustness_table(figures: Mapping[str, Mapping], style: str = "simple") -> str:
    """One column for each set, from `experiments.studies.robustness.summarize` of each.

    Intervals over fewer than `FEW` images are marked, and a line below says what that means.

    Args:
        figures: heading to figures.
        style: `tablefmt` of tabulate.
    """
    first = next(iter(figures.values()))

    def over_images(found: Mapping, part: Mapping[str, float | None], sign: str = "") -> str:
        few = found["images"] < FEW and part["low"] is not None
        return f"{_interval(part, sign)}{f' {_FEW}' if few else ''}"

    lines = {"images": lambda found: f"{found['images']:,}"}
    for name in first["psnr"]:
        lines[f"PSNR, {name.replace('_', ' ')} (dB)"] = lambda found, name=name: (
            f"{found['psnr'][name]['mean']:.2f}"
        )
    lines["over the best baseline (dB)"] = lambda found: over_images(found, found["gain"], "+")
    lines["CIEDE2000, system"] = lambda found: f"{found['ciede2000']['system']['mean']:.2f}"
    lines["above the nearest baseline's"] = lambda found: over_images(
        found, found["ciede2000_gain"], "+"
    )
    lines["colorfulness, system"] = lambda found: f"{found['colorfulness']['system']['mean']:.1f}"
    lines["colorfulness, truth"] = lambda found: f"{found['colorfulness']['truth']['mean']:.1f}"
    for name, each in first["degradations"].items():
        lines[f"drop by {DEGRADATIONS[name].in_words(each['strength'])} (dB)"] = (
            lambda found, name=name: over_images(found, found["degradations"][name]["drop"])
        )
    lines["change of ab, shifts 1 to 8"] = lambda found: f"{found['shifts']['mean']:.2f}"
    lines["color sharpness at edges, system"] = lambda found: _figure(found["edges"]["prediction"])
    lines["color sharpness at edges, truth"] = lambda found: _figure(found["edges"]["truth"])
    lines["faces found"] = lambda found: f"{found['faces']:,}"
    for third in THIRDS:
        lines[f"chroma error on their skin, {third} third"] = lambda found, third=third: (
            f"{found['skin'][third]['chroma']:+.1f}" if third in found["skin"] else "-"
        )
    rows = [[label, *map(value, figures.values())] for label, value in lines.items()]
    table = tabulate(
        rows,
        ["", *figures],
        tablefmt=style,
        disable_numparse=True,
        colalign=("left", *["right"] * len(figures)),
    )
    if any(found["images"] < FEW for found in figures.values()):
        table += (
            f"\n\n{_FEW}: fewer than {FEW} images are too few to say, whatever the interval is."
        )
    return table


def frontier_table(compared: Mapping[str, Mapping], style: str = "simple") -> str:
    """PSNR and CIEDE2000 by the dial and by the factor, one row for each colorfulness.

    Dashes stand where a curve does not reach it.

    Args:
        compared: "dial" and "factor", each colorfulness to a `Point`, its fields, or None.
        style: `tablefmt` of tabulate.
    """
    rows = []
    for target in compared["factor"]:
        row = [f"{float(target):g}"]
        for way in _WAYS:
            found = compared[way].get(target)
            point = Point(**found) if isinstance(found, Mapping) else found
            row += ["–", "–"] if point is None else [f"{point.psnr:.2f}", f"{point.ciede2000:.2f}"]
        rows.append(row)
    headings = ["colorfulness"]
    for way in _WAYS:
        headings += [f"{way}: PSNR (dB)", f"{way}: CIEDE2000"]
    return tabulate(rows, headings, tablefmt=style, disable_numparse=True, stralign="right")


def spread_table(ranked: Mapping[str, Mapping], images: int, style: str = "simple") -> str:
    """Rank correlation and area under the curve of each ranking.

    Args:
        ranked: a field of `SpreadGrades` to its "spearman" and "area".
        images: their number.
        style: `tablefmt` of tabulate.
    """
    rows = [
        [LABELS[key], f"{found['spearman']:.3f}", f"{found['area']:.3f}"]
        for key, found in ranked.items()
    ]
    headings = [f"{images:,} images, pixels ranked by", "Spearman", "area under the curve"]
    return tabulate(
        rows,
        headings,
        tablefmt=style,
        disable_numparse=True,
        colalign=("left", "right", "right"),
    )


def upsampling_table(figures: Mapping, style: str = "simple") -> str:
    """Both ways of the chroma to full size, from `experiments.studies.upsampling`.

    Args:
        figures: its figures.
        style: `tablefmt` of tabulate.
    """
    rows = []
    for kind in ("truth", "prediction"):
        found = figures[kind]
        for way in ("bilinear", "guided"):
            means = [f"{found[way][place]['mean']:.3f}" for place in _PLACES]
            rows.append([f"{kind}, {way}", *means, _figure(found[way]["sharpness"])])
        better = [f"{found['better'][place]} of {figures['images']}" for place in _PLACES]
        rows.append(["  guided is better on", *better, ""])
    headings = ["CIEDE2000", "near edges", "elsewhere", "sharpness"]
    return tabulate(
        rows,
        headings,
        tablefmt=style,
        disable_numparse=True,
        colalign=("left", "right", "right", "right"),
    )


def denoising_table(figures: Mapping, style: str = "simple") -> str:
    """Distances of colors by grain and way, from `experiments.studies.denoising`.

    Args:
        figures: its figures.
        style: `tablefmt` of tabulate.
    """
    rows = [
        [f"grain {grain}, {way}", *(f"{found[key]['mean']:.2f}" for key in _FROM)]
        for grain, ways in figures.items()
        if isinstance(ways, Mapping)
        for way, found in ways.items()
    ]
    return tabulate(
        rows,
        ["ab units", "from the clean one's", "from the truth"],
        tablefmt=style,
        disable_numparse=True,
        colalign=("left", "right", "right"),
    )


def hints_table(figures: Mapping, style: str = "simple") -> str:
    """PSNR by number of hints and way, from `experiments.studies.hints`.

    Args:
        figures: its figures.
        style: `tablefmt` of tabulate.
    """
    counts = list(figures["gain"]["random"])
    headings = [f"{figures['images']:,} images, hints", "0", *counts]
    first = figures["psnr"]["none"]["0"]["mean"]
    rows = [
        [
            f"{_PLACED[way]} (dB)",
            f"{first:.2f}",
            *(f"{found[count]['mean']:.2f}" for count in counts),
        ]
        for way, found in figures["psnr"].items()
        if way != "none"
    ]
    for way, found in figures.get("asked_over", {}).items():
        differences = (_interval(found[count], "+") for count in counts)
        rows.append([f"asked over {way}", "", *differences])
    rows.append(["leakage across strong edges", "", _figure(figures["leakage"]["mean"])])
    for key, found in figures.get("distance", {}).items():
        rows.append([f"{key} color from the truth (ab)", "", _figure(found["mean"])])
    return tabulate(
        rows,
        headings,
        tablefmt=style,
        disable_numparse=True,
        colalign=("left", *["right"] * (len(counts) + 1)),
    )


def flicker_table(figures: Mapping, style: str = "simple") -> str:
    """Flicker, CDC, PSNR and colorfulness by row, from `experiments.studies.flicker`.

    Args:
        figures: its figures.
        style: `tablefmt` of tabulate.
    """
    formats = {"flicker": "{:.2f}", "cdc": "{:.5f}", "psnr": "{:.2f}", "colorfulness": "{:.2f}"}
    rows = [
        [
            name,
            *(
                form.format(found[key]["mean"]) if key in found else "-"
                for key, form in formats.items()
            ),
        ]
        for name, found in figures.items()
        if isinstance(found, Mapping)
    ]
    return tabulate(
        rows,
        [f"{figures['clips']} clips", "flicker (ab)", "CDC", "PSNR (dB)", "colorfulness"],
        tablefmt=style,
        disable_numparse=True,
        colalign=("left", *["right"] * len(formats)),
    )


def traveling_table(figures: Mapping, style: str = "simple") -> str:
    """By distance from the frame with hints, from `experiments.studies.traveling`.

    Args:
        figures: its figures.
        style: `tablefmt` of tabulate.
    """
    rows = [
        [
            distance,
            f"{found['plain']['mean']:.2f}",
            f"{found['hinted']['mean']:.2f}",
            _interval(found["gain"], "+"),
            f"{found['plain_ab']['mean']:.2f}",
            f"{found['hinted_ab']['mean']:.2f}",
            f"{found['reached']['mean']:.0%}",
        ]
        for distance, found in figures["distance"].items()
    ]
    headings = ["frames from the hints", "PSNR without (dB)", "with", "gain"]
    headings += ["ab error without", "with"]
    return tabulate(
        rows,
        [*headings, "reached"],
        tablefmt=style,
        disable_numparse=True,
        colalign=("left", *["right"] * len(headings)),
    )


def top1_table(figures: Mapping, style: str = "simple") -> str:
    """A classifier's top-1 by kind of image, from `experiments.studies.top1`.

    Args:
        figures: its figures.
        style: `tablefmt` of tabulate.
    """

    def percent(found: Mapping[str, float | None], sign: str = "") -> str:
        hundredfold = {key: None if each is None else 100 * each for key, each in found.items()}
        return _interval(hundredfold, sign, digits=1)

    rows = [
        [
            name,
            percent(found),
            percent(over, "+") if (over := figures["over_gray"].get(name)) else "",
        ]
        for name, found in figures["top1"].items()
    ]
    return tabulate(
        rows,
        [f"{figures['images']:,} images", "top-1 (%)", "over gray (points)"],
        tablefmt=style,
        disable_numparse=True,
        colalign=("left", "right", "right"),
    )


def _interval(found: Mapping[str, float | None], sign: str = "", digits: int = 2) -> str:
    """The mean and, if there is one, its interval."""
    form = f"{sign}.{digits}f"
    if found["low"] is None:
        return f"{found['mean']:{form}}"
    return f"{found['mean']:{form}} [{found['low']:{form}}, {found['high']:{form}}]"


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
