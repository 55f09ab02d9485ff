"""The first steps of recipes' training runs, each twice from the same state, with determinism on.

    python tests/repeated_steps.py FILE NAME [NAME ...] [OPTION ...]

Options of experiments.run, such as --batch-size, hold for all. The JSON file says by recipe how
many variables moved, and which ones differ between the two times.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

# The root, whose packages tests/polychrome and the like must not shadow.
sys.path[:0] = [str(Path(__file__).resolve().parents[1])]


def repeat(name: str, options: Sequence[str], folder: Path) -> dict:
    """{"moved": number of variables, "changed": paths of those that differ}."""
    import keras
    import numpy as np

    from experiments.command_line.parser import resolve, run_parser
    from experiments.plan import make_plan
    from experiments.recipes import RECIPES
    from experiments.stages.initial_weights import InitialWeights
    from polychrome.training.devices import distributed, fix_randomness
    from polychrome.weights.files import build_optimizer
    from tf_data.augment import compose
    from tf_data.measure_colors import measure_histogram
    from tf_data.pipeline import chroma_example, training_batches
    from tf_data.sources.source import open_source
    from tf_data.store import load_store
    from tf_data.superpixels.painted import paint_store

    given = run_parser().parse_args([name, "--deterministic", "--out", str(folder), *options])
    chosen, _ = resolve(given, RECIPES[name])
    fix_randomness(chosen.seed, chosen.deterministic)
    data_dir = Path(chosen.data_dir) if chosen.data_dir else None
    plan = make_plan(RECIPES[name], chosen, open_source(chosen.data, data_dir))
    store = load_store(plan.source.splits["train"], plan.stored_size, limit=chosen.limit)
    if plan.sees_superpixels:
        store = paint_store(store, plan.superpixels)
    plan = plan.fitted(len(store))
    found: dict = {"moved": 0, "changed": []}
    before: list = []
    for network in plan.networks:
        histogram = measure_histogram(store) if "histogram" in network.objective.needs else None
        augmentation = plan.augmentation(network)
        batches, steps = training_batches(
            store,
            network.example or chroma_example(plan.recipe.scaling, network.channels),
            plan.batch_size,
            seed=chosen.seed,
            epochs=1,
            augment=compose(*augmentation) if augmentation else None,
            draw=network.draw,
        )
        place = folder / network.name
        with distributed():
            built = InitialWeights(plan, network, place, before, histogram, steps=100).build()
            build_optimizer(built)
        state = list(built.variables)
        for key in ("optimizer", "discriminator_optimizer"):
            state += getattr(built, key).variables if hasattr(built, key) else ()
        initial = [keras.ops.convert_to_numpy(variable) for variable in state]
        ends = []
        for _ in range(2):
            for variable, value in zip(state, initial, strict=True):
                variable.assign(value)
            built.fit(batches, steps_per_epoch=steps, epochs=1, shuffle=False, verbose=0)
            ends.append([keras.ops.convert_to_numpy(variable) for variable in state])
        for variable, start, once, again in zip(state, initial, *ends, strict=True):
            found["moved"] += bool((once != start).any())
            if not np.array_equal(once, again):
                found["changed"].append(f"{network.name}: {variable.path}")
        before.append(built)
    return found


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("names", nargs="+", metavar="NAME")
    given, options = parser.parse_known_args(arguments)
    found = {}
    for name in given.names:
        with tempfile.TemporaryDirectory() as folder:
            found[name] = repeat(name, options, Path(folder))
    given.file.write_text(json.dumps(found))


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    main(sys.argv[1:])
