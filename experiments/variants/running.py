"""Train variants, one run after the other, and record them."""

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from pathlib import Path

from experiments.command_line.hints import RUN_OPTIONS, option_hints
from experiments.command_line.series import options_of
from experiments.plan import Plan, make_plan
from experiments.stages.data import COUNTS, count_images
from experiments.stages.job import run
from experiments.training import images_of_epoch
from experiments.variants import records
from experiments.variants.decodings import grade_decodings
from experiments.variants.of_tiny import BASE, VARIANTS, Variant, recipe_of
from polychrome.errors import InputError
from tf_data.sources.source import open_source

# `InputError.settings` to options of `python -m experiments.ablation`, and of the runs.
_OPTIONS = RUN_OPTIONS | {"images": "--images", "out": "--out"}


def run_variants(
    names: Sequence[str],
    out: Path,
    *,
    seeds: int,
    images: int,
    equal: str,
    arguments: Sequence[str] = (),
    variants: Mapping[str, Variant] = VARIANTS,
) -> None:
    """Train and grade variants with seeds 1, 2, ..., and leave their records in `out/records`.

    Finished runs are skipped, also those of which only the record is left, as in a copy of kept
    records, and a stopped one goes on after its last epoch. All variants with a seed come before
    those with the next, so that a stopped ablation has a table of all variants.

    Args:
        names: keys of `variants`.
        out: each run is in `out/EQUAL/VARIANT/seed-N`.
        seeds: number of runs of each variant.
        images: that each run sees, about.
        equal: `records.IMAGES`; or `records.CPU` for as many as fit in the CPU time of the base,
            which needs the runs at equal images.
        arguments: options of `experiments.run`, such as those for the data.
        variants: by name.

    Raises:
        InputError: options or data are not usable.
    """
    opened = functools.cache(open_source)
    for seed in range(1, seeds + 1):
        for name in names:
            if equal == records.CPU and name == BASE:
                continue  # its runs at equal images are those that set the time
            variant, recipe = variants[name], recipe_of(name, variants)
            folder = out / equal / name / f"seed-{seed}"
            with option_hints(_OPTIONS):
                options, download = options_of(recipe, folder, seed, arguments)
                data_dir = Path(options.data_dir) if options.data_dir else None
                source = opened(options.data, data_dir, download)
                if variant.with_classes is not None and not source.classes:
                    raise InputError(
                        f"{name}: {options.data} has no classes; leave this variant out"
                    )
                plan = make_plan(recipe, options, source)
                epochs = _epochs(plan, folder, out, images, equal)
                if not folder.exists() and _is_recorded(out, plan, name, equal, epochs):
                    print(f"recorded        {folder}")
                    continue
                if (folder / "report.html").exists():
                    print(f"done already    {folder}")
                else:
                    options = dataclasses.replace(options, epochs=epochs)
                    run(recipe, options, folder, None, download=download)
                decodings = grade_decodings(folder, recipe, variant, source)
            records.write(
                out / "records", [records.record_of(folder, name, variant, equal, decodings)]
            )


def _images_of_epoch(plan: Plan, out: Path) -> int:
    """Images that each epoch of a run sees."""
    count = count_images(plan, "train", out / COUNTS)
    return images_of_epoch(count, plan.batch_size, plan.recipe.epoch_images)


def _epochs(plan: Plan, folder: Path, out: Path, images: int, equal: str) -> int:
    """Epochs of a run; those that it was begun with, if it was."""
    begun = plan.options.epochs
    if equal == records.CPU:
        if begun is not None:  # what the base takes is known better with each of its runs
            return begun
        known = records.read(out / "records")
        return records.epochs_at_equal_cpu(known, plan.recipe.name, _images_of_epoch(plan, out))
    epoch = _images_of_epoch(plan, out)
    wanted = max(1, round(images / epoch))
    if begun not in (None, wanted):
        raise InputError(
            f"{folder}: was begun with {begun * epoch:,} images, not {wanted * epoch:,}; ask for "
            "as many, or begin in another folder",
            ("images", "out"),
        )
    return wanted


def _is_recorded(out: Path, plan: Plan, name: str, equal: str, epochs: int) -> bool:
    """Whether there is a record of a run, whose folder may be gone.

    Raises:
        InputError: it is of a run that cannot be compared with the one to be trained.
    """
    folder, options = out / "records", plan.options
    path = folder / equal / name / f"seed-{options.seed}.json"
    if not path.exists():
        return False
    (record,) = (each for each in records.read(folder) if folder / each.file == path)
    graded = count_images(plan, plan.recipe.graded_split, out / COUNTS)
    made = [f"{record.graded:,} graded", record.data, record.precision]
    wanted = [f"{graded:,} graded", options.data, options.precision]
    if equal == records.IMAGES:
        images = epochs * _images_of_epoch(plan, out)
        made, wanted = [f"{record.images:,} images", *made], [f"{images:,} images", *wanted]
    if made != wanted:
        raise InputError(
            f"{path}: is of a run with {', '.join(made)}, not {', '.join(wanted)}; ask for the "
            "same, or begin in another folder",
            ("images", "graded", "out"),
        )
    return True


def chosen(names: Sequence[str]) -> list[str]:
    """The variants of these names; the base and all others if there are none.

    Raises:
        InputError: a name is unknown.
    """
    for name in names:
        if name not in VARIANTS:
            raise InputError(f"no variant is named {name!r}; there are: {', '.join(VARIANTS)}")
    return list(names) or list(VARIANTS)
