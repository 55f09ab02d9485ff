"""Kinds of rows in a bake-off; without imports, because tables and pages need no TensorFlow."""

# Trained here at the common budget; trained elsewhere at its own; knows no picture's colors; knows
# the truth, and is not ranked.
TRAINED, TAKEN, BASELINE, ORACLE = "trained", "taken", "baseline", "oracle"
KINDS = (TRAINED, TAKEN, BASELINE, ORACLE)
RANKED = (TRAINED, TAKEN, BASELINE)
IN_WORDS = {
    TRAINED: "trained at this budget",
    TAKEN: "taken as it is, at a budget of its own",
    BASELINE: "baseline",
    ORACLE: "oracle, not ranked",
}
# Rows that are no systems, in table order.
BASELINE_ROWS = ("do_nothing", "mean_color", "best_constant", "random_chroma", "nearest_gray")
YARDSTICK_ROWS = (
    *BASELINE_ROWS,
    "image_mean",
    "eighth",
    "quarter",
    "on_superpixels",
    "bins",
    "truth",
)
