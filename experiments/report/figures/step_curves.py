"""Adversarial training step by step (as in Figures 10 and 11 of the Linköping report)."""

from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from polychrome.errors import InputError
from polychrome.files import replacing
from polychrome.training.step_log import read_steps

_PANELS = (
    ("Losses", {"generator_loss": "generator", "discriminator_loss": "discriminator"}),
    (
        "Adversarial part of the generator's loss",
        {"adversarial_loss": "adversarial"},
    ),
    (
        "Discriminator's accuracy",
        {"accuracy_real": "real taken for real", "accuracy_fake": "fake taken for fake"},
    ),
)
_COLORS = ("#0072B2", "#D55E00")


def draw_steps(record: Path, path: Path) -> None:
    """Draw what `polychrome.training.step_log.LogSteps` wrote into `record` as a PNG file.

    Raises InputError when the record is empty or `path` cannot be written.
    """
    rows = read_steps(record)
    if not rows:
        raise InputError(f"{record}: holds no steps to draw")
    steps = [row["step"] for row in rows]
    figure = Figure(figsize=(13.8, 3.9), dpi=130, facecolor="white", layout="constrained")
    for axes, (title, lines) in zip(figure.subplots(1, len(_PANELS)), _PANELS, strict=True):
        for color, (column, label) in zip(_COLORS, lines.items(), strict=False):
            axes.plot(steps, [row[column] for row in rows], color=color, linewidth=1.2, label=label)
        axes.set_title(title, loc="left", fontsize=11)
        axes.set_xlabel("step", fontsize=9)
        axes.grid(axis="y", color="#d0d7de", linewidth=0.7)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False, fontsize=9)
    figure.axes[-1].set_ylim(-0.02, 1.02)
    FigureCanvasAgg(figure)
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png")
