"""Names of the trivial baselines in records; without imports, because tables need no Keras."""

NOTHING, MEAN_COLOR, BEST_CONSTANT = "do_nothing", "mean_color", "best_constant"
BASELINES = (NOTHING, MEAN_COLOR, BEST_CONSTANT)
IN_WORDS = {
    NOTHING: "doing nothing",
    MEAN_COLOR: "mean color",
    BEST_CONSTANT: "the best constant",
}
# PSNR over all images, and over those that are not gray already: doing nothing is perfect on those.
COMPARED = ("psnr", "psnr_colored")
