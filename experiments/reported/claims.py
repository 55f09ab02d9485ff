"""What the reports claim beyond figures, as comparisons that records can decide."""

from experiments.reported.claim import Claim, OfBaseline, OfReport, OfRun, OfTiming, OfTruth
from experiments.reported.figure import ACCURACY_FAKE, ACCURACY_REAL, Budget
from experiments.reported.figures import CGAN_ACCURACY, CGAN_BUDGET, CLASSIFICATION_BUDGET
from experiments.reported.published import DTU_TABLE_1, PADOVA_TABLE_2, UCI_ROSE

_PLAIN = "without rebalancing"
_ECCV16 = "ECCV16 of quarter width"
# Of the report's networks the one of the highest PSNR.
_PADOVAS_BEST = OfRun(
    "PolychromifyAB",
    "polychromify_ab",
    "psnr",
    most=False,
    published=PADOVA_TABLE_2["polychromify_ab"],
)
# Of Table 1, in the order of the report's selection; runs of equal budget compare two of them.
_V1, _V2, _V3, _V4, _V6 = (
    OfRun(f"v{number} (25 epochs in the report)", f"polychromify_v{number}", "psnr_chroma_report")
    for number in (1, 2, 3, 4, 6)
)
_WEIGHTED = DTU_TABLE_1["color_weighted_100_1e-4"]
_SURPASSES = (
    "in its own table, of one run each, the color-weighted loss surpasses the other losses by"
)

CLAIMS = (
    Claim(
        "Padova",
        "section 5",
        "the average color for each pixel can be more correct, by PSNR, than a guess at more "
        "sophisticated colors",
        OfBaseline("mean color", "mean_color", "psnr"),
        OfRun(_ECCV16, "eccv16_narrow", "psnr"),
    ),
    Claim(
        "Padova",
        "section 5",
        "the average color for each pixel is more correct, by PSNR, than the report's best network",
        OfBaseline("mean color", "mean_color", "psnr"),
        _PADOVAS_BEST,
    ),
    Claim(
        "Padova",
        "section 5",
        'with "more convolutions or more dense layers", "the performance were worse": v2 has less '
        "PSNR of ab than v1",
        _V1,
        _V2,
    ),
    Claim(
        "Padova",
        "section 5",
        'v3, which has strides and upsampling, "performed just like the first", here within 0.1 dB '
        "of its PSNR of ab",
        _V1,
        _V3,
        within=0.1,
    ),
    Claim(
        "Padova",
        "section 5",
        "ECCV16 usually colorizes better than its own networks, which PSNR does not show; here by "
        "a lesser distance in ST-LPIPS",
        OfRun("PolychromifyAB", "polychromify_ab", "st_lpips"),
        OfRun(_ECCV16, "eccv16_narrow", "st_lpips"),
    ),
    Claim(
        "Padova",
        "section 5",
        "SIGGRAPH17 usually colorizes better than its own networks, which PSNR does not show; here "
        "by a lesser distance in ST-LPIPS",
        OfRun("PolychromifyAB", "polychromify_ab", "st_lpips"),
        OfRun("SIGGRAPH17 of quarter width", "siggraph17_narrow", "st_lpips"),
    ),
    Claim(
        "Padova",
        "section 5",
        'batch normalization layers bring "slightly improvements on PSNR": v4 has more PSNR of ab '
        "than v3",
        _V4,
        _V3,
    ),
    Claim(
        "Padova",
        "section 5",
        'batch normalization layers come with "a minor reduction" of the time',
        OfTiming("v4", "polychromify_v4"),
        OfTiming("v3", "polychromify_v3"),
    ),
    Claim(
        "Padova",
        "section 5",
        'dropout layers "improved a bit the generalization ability of the model": v6 has more PSNR '
        "of ab than v4",
        _V6,
        _V4,
    ),
    Claim(
        "Padova",
        "Table 1",
        "50 epochs have less PSNR than 25, at the last epoch of each",
        *(
            OfRun(
                version,
                f"polychromify_{version}",
                "psnr_chroma_report",
                most=True,
                budget=Budget(epochs, 100_000),
            )
            for version, epochs in (("v4", 25), ("v5", 50))
        ),
    ),
    Claim(
        "Padova",
        "Table 1",
        "strides and upsampling save most of the time of training",
        OfTiming("v3", "polychromify_v3"),
        OfTiming("v1", "polychromify_v1"),
    ),
    Claim(
        "Padova",
        "section 6",
        "its networks colorize, if that means to be ahead of doing nothing in PSNR",
        _PADOVAS_BEST,
        OfBaseline("doing nothing", "do_nothing", "psnr"),
    ),
    Claim(
        "Padova",
        "Table 2",
        "two networks, one for a channel, have more PSNR than one",
        # The report's own budgets, 30 epochs and 25.
        OfRun("PolychromifyAB", "polychromify_ab", "psnr", most=True),
        OfRun("Polychromify", "polychromify", "psnr", most=True),
    ),
    Claim(
        "Padova",
        "Table 2",
        "two networks, one for a channel, have more SSIM than one",
        # The report's own budgets, 30 epochs and 25.
        OfRun("PolychromifyAB", "polychromify_ab", "ssim", most=True),
        OfRun("Polychromify", "polychromify", "ssim", most=True),
    ),
    Claim(
        "DTU",
        "section 7",
        "class balancing makes colors vivid",
        OfRun(_ECCV16, "eccv16_narrow", "colorfulness"),
        OfRun(_PLAIN, "eccv16_narrow_plain", "colorfulness"),
    ),
    Claim(
        "DTU",
        "section 7",
        "this vividness makes colors less accurate, here by PSNR",
        OfRun(f"{_ECCV16} {_PLAIN}", "eccv16_narrow_plain", "psnr"),
        OfRun("with it", "eccv16_narrow", "psnr"),
    ),
    # The loss is best by two metrics of the table, and not by the third.
    Claim(
        "DTU",
        "Table 1",
        f"{_SURPASSES} PSNR",
        OfReport("its best", _WEIGHTED, "psnr"),
        OfReport("smooth L1, the best of the others,", DTU_TABLE_1["smooth_l1_100_1e-4"], "psnr"),
    ),
    Claim(
        "DTU",
        "Table 1",
        f"{_SURPASSES} MSE",
        OfReport("MSE as a loss, the least of the others,", DTU_TABLE_1["mse_100_1e-4"], "mse"),
        OfReport("its least", _WEIGHTED, "mse"),
    ),
    Claim(
        "DTU",
        "Table 1",
        f"{_SURPASSES} SSIM",
        OfReport("its best", _WEIGHTED, "ssim"),
        OfReport("MSE as a loss, the best of the others,", DTU_TABLE_1["mse_101_1e-4"], "ssim"),
    ),
    Claim(
        "DTU",
        "section 6.5",
        "training resulted in a well-performing model, if that means to be ahead of doing nothing "
        "in PSNR",
        OfReport("its best row", _WEIGHTED, "psnr"),
        OfBaseline("doing nothing on Tiny ImageNet", "do_nothing", "psnr"),
        elsewhere="the images are not the same",
    ),
    Claim(
        "DTU",
        "section 6.5",
        "the color-weighted loss surpasses MSE as a loss, in runs here by PSNR",
        OfRun("color-weighted", "dtu_color_weighted", "psnr"),
        OfRun("MSE", "dtu_mse", "psnr"),
    ),
    Claim(
        "DTU",
        "section 6.5",
        "the size of the batch decides, for which it names rows 4 and 5 of Table 1",
        OfReport("row 4", DTU_TABLE_1["mse_101_1e-4"], "psnr"),
        OfReport("row 5 (batches of 64)", DTU_TABLE_1["mse_93_1e-4_failed"], "psnr"),
        elsewhere="one run each, row 5 failed as row 2 did, and no other row tells its batch",
    ),
    Claim(
        "UCI",
        "section 3.5",
        "the VAE's pictures are less saturated than the GAN's",
        OfRun("the GAN's colorfulness", "uci_gan", "colorfulness", most=True),
        OfRun("the VAE's", "uci_vae", "colorfulness", most=True),
    ),
    Claim(
        "UCI",
        "section 3.5",
        "the GAN's gray is more accurate than the VAE's",
        OfRun("the GAN", "uci_gan", "gray_luma_superpixels", most=True),
        OfRun("the VAE", "uci_vae", "gray_luma_superpixels", most=True),
    ),
    Claim(
        "UCI",
        "section 3.4",
        "the accuracy of gray grades colors, so that the GAN is ahead of doing nothing",
        OfRun("the GAN", "uci_gan", "gray_luma_superpixels", published=UCI_ROSE["gan"]),
        OfBaseline("doing nothing on Tiny ImageNet", "do_nothing", "gray_luma_superpixels"),
        elsewhere="the images are not the same",
    ),
    Claim(
        "Linköping",
        "section 2.2.1",
        "networks trained on squared error are duller than the truth",
        OfTruth("colorfulness_difference"),
        OfRun(
            "the colorfulness of a U-Net with L2 differs from the truth's by",
            "unet_l2",
            "colorfulness_difference",
        ),
    ),
    Claim(
        "Linköping",
        "section 3.1.2",
        "the discriminator knows real and fake pictures equally well, 60 to 70 % of each, here "
        "within 5 points of each other and of these",
        OfRun("real", "cgan", ACCURACY_REAL, most=False, budget=CGAN_BUDGET),
        OfRun("fake", "cgan", ACCURACY_FAKE, most=False, budget=CGAN_BUDGET),
        within=0.05,
        # Two accuracies near 100 % are alike because the game is lost, not because it is even.
        inside=CGAN_ACCURACY,
        elsewhere="ours is of other images",
    ),
    Claim(
        "Linköping",
        "section 4.5",
        "the cGAN's pictures are believable, here no more colorful than the truth",
        OfTruth("colorfulness_difference"),
        OfRun(
            "its colorfulness differs from the truth's by",
            "cgan",
            "colorfulness_difference",
            most=False,
            budget=CGAN_BUDGET,
        ),
        elsewhere="ours is of other images",
    ),
    Claim(
        "Linköping",
        "section 4.5",
        "the cGAN trains noticeably faster than VGG16, each on images of the report's size",
        OfTiming("the cGAN at 64x64", "cgan"),
        OfTiming("the faster VGG16", "vgg16_regression", size=224),
    ),
    Claim(
        "Linköping",
        "section 4.5",
        "the cGAN trains noticeably faster than VGG16 on images of the same size",
        OfTiming("the cGAN", "cgan"),
        OfTiming("the faster VGG16", "vgg16_regression"),
    ),
    Claim(
        "Linköping",
        "section 3.2.4",
        "the test loss is a little lower than the train loss, so that classification does not "
        "overfit",
        # Who has seen each image once at most can't overfit.
        OfRun(
            "the train loss of classification",
            "vgg16_classification",
            "loss",
            budget=CLASSIFICATION_BUDGET,
        ),
        OfRun(
            "its loss in validation",
            "vgg16_classification",
            "val_loss",
            budget=CLASSIFICATION_BUDGET,
        ),
    ),
    Claim(
        "Linköping",
        "section 4.2",
        "regression does better than classification, here by PSNR",
        OfRun("regression", "vgg16_regression", "psnr"),
        OfRun("classification", "vgg16_classification", "psnr"),
    ),
    Claim(
        "Linköping",
        "section 4.2",
        "regression does better than classification, here by a lesser distance in ST-LPIPS",
        OfRun("classification", "vgg16_classification", "st_lpips"),
        OfRun("regression", "vgg16_regression", "st_lpips"),
    ),
    # The report calls its comparison unjust: its networks had other data, and other lengths.
    Claim(
        "Linköping",
        "section 4.3",
        'the cGAN "generated better images after a short training time" than VGG16, here by PSNR',
        OfRun("the cGAN", "cgan", "psnr"),
        OfRun("the better VGG16, by classification,", "vgg16_classification", "psnr"),
    ),
    Claim(
        "Linköping",
        "section 4.3",
        'the cGAN "generated better images after a short training time" than VGG16, here by a '
        "lesser distance in ST-LPIPS",
        OfRun("the better VGG16, by regression,", "vgg16_regression", "st_lpips"),
        OfRun("the cGAN", "cgan", "st_lpips"),
    ),
    Claim(
        "VVIT",
        "Implementation",
        "L1 alone is careful, and a discriminator adds color",
        OfRun("the U-Net's colorfulness with a PatchGAN", "unet_patchgan", "colorfulness"),
        OfRun("without", "unet_l1", "colorfulness"),
    ),
    Claim(
        "VVIT",
        "Methodology",
        "the size of the patch matters",
        OfRun("the colorfulness with patches of 70x70", "unet_patchgan", "colorfulness"),
        OfRun("of 1x1", "unet_patchgan_1", "colorfulness"),
    ),
    Claim(
        "VVIT",
        "abstract",
        "the fusion layer makes better pictures, here by PSNR",
        OfRun("with it", "unet_fusion", "psnr"),
        OfRun("without", "unet_patchgan", "psnr"),
    ),
    Claim(
        "VVIT",
        "Implementation",
        "L1 leaves pictures less gray than L2",
        OfRun("the U-Net's colorfulness with L1", "unet_l1", "colorfulness"),
        OfRun("with L2", "unet_l2", "colorfulness"),
    ),
)
