"""The model selection of the Padova report (Ghiotto, "Polychromify", Table 1, v1 to v6).

    python -m experiments.run polychromify_v3 --data tiny_imagenet --data-dir PATH

The report's figures are on ab only and on the validation set, with `max_val=1` for data in [-1, 1]:
they stand under `psnr_chroma_report` and read 6.02 dB low.
"""

from experiments.recipe import Network, Recipe, any_size
from experiments.reported.published import PADOVA_TABLE_1
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


def _version(number: int, summary: str, epochs: int = 25, **switches) -> Recipe:
    name = f"v{number}"
    return Recipe(
        name=f"polychromify_{name}",
        label=f"Polychromify {name}",
        summary=f"Table 1: {summary}",
        networks=(Network(name, any_size(build_polychromify, **switches), epochs),),
        published=(PADOVA_TABLE_1[name],),
        graded_split="validation",
        scaling=PADOVA,
        image_size=64,
    )


RECIPES = (
    _version(1, "size S1, full resolution, no batch norm", **{**_S1, **_BARE}),
    _version(2, "size S2, full resolution, no batch norm", **{**_S2, **_BARE}),
    _version(3, "v1 with strides", **{**_S1, **_BARE, "strides": True}),
    _version(4, "v3 with batch norm", **_S1, dropout=0.0),
    _version(5, "v4 for 50 epochs", epochs=50, **_S1, dropout=0.0),
    _version(6, "v4 with dropout", **_S1),
)
