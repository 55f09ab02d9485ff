"""CNN baseline of the Padova report (Ghiotto, "Polychromify", Table 2, row CNN).

    python -m experiments.run cnn --data tiny_imagenet --data-dir PATH

Report: PSNR 21.5735 dB, SSIM 0.9061 on Tiny ImageNet's test images. Doing nothing scores more:
PSNR 23.74, SSIM 0.9350. 25 epochs of 100,000 images take about 10 hours on two CPU cores.
"""

from experiments.recipe import Network, Recipe, any_size
from experiments.reported.published import PADOVA_TABLE_2
from polychrome.color.scaling import PADOVA
from polychrome.models.cnn import build_cnn

RECIPE = Recipe(
    name="cnn",
    label="CNN",
    summary="Padova's convolutional baseline",
    networks=(Network("cnn", any_size(build_cnn), epochs=25),),
    published=(PADOVA_TABLE_2["cnn"],),
    scaling=PADOVA,
    image_size=64,
)
