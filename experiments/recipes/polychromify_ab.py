"""PolychromifyAB of the Padova report (Ghiotto, "Polychromify", Figure 3 and Table 2).

Two networks trained apart, one predicting a* and one b*, joined into one colorizer.

    python -m experiments.run polychromify_ab --data tiny_imagenet --data-dir PATH

Report: PSNR 22.4440 dB, SSIM 0.9231 on Tiny ImageNet's test images. Doing nothing scores more:
PSNR 23.74, SSIM 0.9350. Twice 30 epochs of 100,000 images take about 12 hours on two CPU cores.
"""

from experiments.recipe import Network, Recipe, any_size
from experiments.reported.published import PADOVA_TABLE_2
from polychrome.color.scaling import PADOVA
from polychrome.models.polychromify import build_polychromify, join_polychromify_ab

RECIPE = Recipe(
    name="polychromify_ab",
    label="PolychromifyAB",
    summary="two Polychromify networks, one for a* and one for b*",
    networks=tuple(
        Network(
            name,
            any_size(build_polychromify, outputs=1, name=f"polychromify_{name}"),
            epochs=30,
            channels=(channel,),
        )
        for channel, name in enumerate("ab")
    ),
    assemble=join_polychromify_ab,
    published=(PADOVA_TABLE_2["polychromify_ab"],),
    scaling=PADOVA,
    image_size=64,
)
