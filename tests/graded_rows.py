"""Records of graded runs, as their folders hold them, for tables."""

import json

LABELS = {
    "psnr": ("PSNR (dB)", "higher"),
    "psnr_colored": ("PSNR, colored only (dB)", "higher"),
    "ssim": ("SSIM", "higher"),
    "ciede2000": ("CIEDE2000", "lower"),
    "colorfulness": ("Colorfulness", None),
    "psnr_chroma_report": ("PSNR, chroma, as reported (dB)", "higher"),
}


def scores(psnr, width=0.1):
    figures = {
        "psnr": psnr,
        "psnr_colored": psnr - 0.5,
        "ssim": 0.9231,
        "ciede2000": 9.1,
        "colorfulness": 20.5,
        "psnr_chroma_report": 18.0,
    }
    return {k: {"mean": v, "low": v - width, "high": v + width} for k, v in figures.items()}


def row(kind, psnr, system="net", label="Net", **more):
    values = scores(psnr)
    return {
        "system": system,
        "label": label,
        "kind": kind,
        "source": "",
        "budget": "",
        "values": values,
        **more,
    }


def reported(psnr=22.444, system="net", label="Net"):
    values = {key: {"mean": m, "low": None, "high": None} for key, m in (("psnr", psnr),)}
    return row(
        "reported",
        0,
        system,
        label,
        values=values,
        source="Padova report, Table 2",
        same_images=True,
    )


def graded_metrics() -> dict:
    """What `metrics.json` holds of a run: three baselines, a reported row, and a trained one."""
    return {
        "metrics": {
            key: {"label": label, "better": better, "meaning": f"Meaning of {label}."}
            for key, (label, better) in LABELS.items()
        },
        "rows": [
            row("best_constant", 22.95, "best_constant", "best constant"),
            row("mean_color", 22.9, "mean_color", "mean color"),
            row("do_nothing", 23.0, "do_nothing", "do nothing (ab = 0)"),
            reported(),
            row("ours", 23.5, budget="30 epochs of 324 images"),
        ],
        "images": {"graded": 105, "gray": 0, "skipped": {}, "train": 324, "validation": 54},
        "verdict": "Net beats the best trivial baseline.",
    }


def write_run(folder, metrics, **recipe):
    folder.mkdir()
    (folder / "metrics.json").write_text(json.dumps(metrics))
    (folder / "recipe.json").write_text(json.dumps(recipe))
    return folder
