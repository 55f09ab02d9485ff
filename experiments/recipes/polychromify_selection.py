"""The model selection of the Padova report (Ghiotto, "Polychromify", Table 1, v1 to v6).

    python -m experiments.run polychromify_v3 --data tiny_imagenet --data-dir PATH

The report's figures are on ab only and on the validation set, with `max_val=1` for data in [-1, 1]:
they stand under `psnr_chroma_report` and read 6.02 dB low.
"""

import functools

from experiments.recipe import Network, Published, Recipe
from polychrome.color.scaling import PADOVA
from polychrome.models.polychromify import (
    S1_DENSE,
    S1_FILTERS,
    S2_DENSE,
    S2_FILTERS,
    build_polychromify,
)

_S1 = {"filters": S1_FILTERS, "dense": S1_DENSE}
_S2 = {"filters": S2_FILTERS, "dense": S2_DENSE}
_BARE = {"strides": False, "batch_norm": False, "dropout": 0.0}


def _version(number: int, summary: str, psnr: float, epochs: int = 25, **switches) -> Recipe:
    name = f"v{number}"
    return Recipe(
        name=f"polychromify_{name}",
        label=f"Polychromify {name}",
        summary=f"Table 1: {summary}",
        networks=(Network(name, functools.partial(build_polychromify, **switches), epochs),),
        published=Published(
            {"psnr_chroma_report": psnr},
            "Padova report, Table 1",
            "ab only, max_val=1: 6.02 dB low",
        ),
        graded_split="validation",
        scaling=PADOVA,
        image_size=64,
    )


RECIPES = (
    _version(1, "size S1, full resolution, no batch norm", 20.56, **{**_S1, **_BARE}),
    _version(2, "size S2, full resolution, no batch norm", 20.18, **{**_S2, **_BARE}),
    _version(3, "v1 with strides", 20.55, **{**_S1, **_BARE, "strides": True}),
    _version(4, "v3 with batch norm", 20.62, **_S1, dropout=0.0),
    _version(5, "v4 for 50 epochs", 19.54, epochs=50, **_S1, dropout=0.0),
    _version(6, "v4 with dropout", 20.66, **_S1),
)
