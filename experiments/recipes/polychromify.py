"""Polychromify of the Padova report (Ghiotto, "Polychromify", Figure 2 and Table 2).

    python -m experiments.run polychromify --data tiny_imagenet --data-dir PATH

Report: PSNR 21.9590 dB, SSIM 0.9056 on Tiny ImageNet's test images. Doing nothing scores more:
PSNR 23.74, SSIM 0.9350. 25 epochs of 100,000 images take about 5 hours on two CPU cores.
"""

from experiments.recipe import Network, Recipe, any_size
from experiments.reported.published import PADOVA_TABLE_2
from polychrome.color.scaling import PADOVA
from polychrome.models.polychromify import build_polychromify

RECIPE = Recipe(
    name="polychromify",
    label="Polychromify",
    summary="Padova's autoencoder with dense layers and dropout",
    networks=(Network("polychromify", any_size(build_polychromify), epochs=25),),
    published=(PADOVA_TABLE_2["polychromify"],),
    scaling=PADOVA,
    image_size=64,
)

# Trained longer and without dropout, to show overfitting; in the author's code, not in his table.
OVERFIT = Recipe(
    name="polychromify_overfit",
    label="Polychromify-overfit",
    summary="Polychromify without dropout, for twice the epochs",
    networks=(Network("overfit", any_size(build_polychromify, dropout=0.0), epochs=50),),
    scaling=PADOVA,
    image_size=64,
)
