"""Trained colorizers from run folders: export, keep, or ship them, or write their cards anew.

python -m experiments.trained export RUN|PRESET [--saved-models DIR]
python -m experiments.trained keep RUN DIR [--records-only]
python -m experiments.trained ship RUN [--studies FILE ...] [--presets DIR]
python -m experiments.trained describe RUN [--studies FILE ...] [--presets DIR]
"""

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from experiments.process.places import without_places
from experiments.process.quiet import import_tensorflow
from polychrome.command import status_of
from polychrome.files import read_json, replacing, write_json

# What loads TensorFlow is imported where it is used: --help should not take seconds.

# Files kept from a run besides its weights: small, enough for tables, and without pictures of test
# images, which are subject to the data set's license.
_RECORDS = (
    "recipe.json",
    "environment.json",
    "metrics.json",
    "timings.json",
    "curves.png",
    "histogram.png",
    "networks/*/state.json",
    "networks/*/history.csv",
    "networks/*/initial_weights.json",
    "networks/*/steps.png",
)

# Of a run's card to that of the preset that is shipped.
_CARRIED = ("image_size", "name", "title", "grades", "license", "source")


def export(source: str, saved_models: Path) -> Path:
    """Export a colorizer as the next version of its SavedModel; return the version's folder.

    Args:
        source: a run, of which the last weights are taken, or the name or folder of a preset. As
            for `polychrome.load`, the name of a preset comes before a folder of that name.
        saved_models: parent of the model's folder, which has the system's or the preset's name.

    Raises:
        InputError: nothing usable was found, or the folder cannot be written.
    """
    import_tensorflow()
    from experiments.stages.reload import load_trained
    from polychrome.export.saved_model import export_colorizer
    from polychrome.inference.loading import folder_of
    from polychrome.presets import by_name, read_preset, scaling_of

    run = Path(source)
    if source in by_name() or not (run / "recipe.json").is_file():
        card, network = read_preset(folder_of(source))
        directory = saved_models / card["name"]
        return export_colorizer(network, scaling_of(card), card["image_size"], directory, card)
    plan, networks = load_trained(run)
    assembled = plan.assembled([network for _, network in networks])
    directory = saved_models / plan.recipe.name
    return export_colorizer(assembled, plan.recipe.scaling, plan.image_size, directory)


def keep(run: Path, folder: Path, *, weights: bool = True) -> None:
    """Copy a run's records, and its last weights without the optimizer's state, a third in size.

    Of absolute paths in its records the last names are kept.
    """
    from experiments.stages.reload import load_trained

    for path, network in load_trained(run)[1] if weights else ():
        with replacing(folder / path.relative_to(run)) as temporary:
            network.save_weights(temporary)
    for pattern in _RECORDS:
        for path in run.glob(pattern):
            kept = folder / path.relative_to(run)
            if path.suffix == ".json":
                write_json(kept, without_places(read_json(path)))
                continue
            with replacing(kept) as temporary:
                shutil.copyfile(path, temporary)


def ship(run: Path, presets: Path, studies: Sequence[Path] = ()) -> Path:
    """Write a run's preset, its weights in float16, to `presets/NAME`; return that folder.

    Grade it again: rounding may cost some hundredths of a dB.

    Args:
        run: folder of a finished run.
        presets: parent of the preset's folder.
        studies: JSON files of experiments.frontier, robustness or spread for the card.

    Raises:
        InputError: no preset there, or a file is none of these, or of another system.
    """
    from experiments.recipes import RECIPES
    from experiments.report.card_sections import study_sections
    from experiments.stages.earlier_weights import network_origins
    from polychrome.presets import read_preset, scaling_of, write_preset

    preset = read_preset(run / "preset")
    card = preset.card
    names = [network.name for network in RECIPES[card["name"]].networks]
    card["source"]["networks"] = network_origins(run, names)
    found = study_sections(card["name"], studies)
    return write_preset(
        presets / card["name"],
        preset.network,
        scaling=scaling_of(card),
        half=True,
        over_baseline=card.get("over_baseline"),  # cards of earlier versions have none
        # As the recipe says now: what a model gets wrong is seen after its run.
        about={**RECIPES[card["name"]].about, **found},
        **{key: card[key] for key in _CARRIED},
    )


def describe(run: Path, presets: Path, studies: Sequence[Path] = ()) -> Path:
    """Write the card of a shipped preset anew, and leave its weights; return its folder.

    Grades, the size of graded images, command and budget are those of the run's kept records, the
    words those of its recipe.

    Args:
        run: folder with the records of the run that was shipped.
        presets, studies: as for `ship`.

    Raises:
        InputError: no such preset, no records there, or a file is none of these.
    """
    from experiments.recipes import RECIPES
    from experiments.report.card_sections import study_sections
    from experiments.report.tables import read_metrics
    from polychrome.presets.card import read_card
    from polychrome.presets.writing import describe as write_card

    recipe = read_json(run / "recipe.json")
    name, folder = recipe["name"], presets / recipe["name"]
    row = next(row for row in read_metrics(run)["rows"] if row["system"] == name)
    told = {
        "command": recipe["command"],
        "budget": row["budget"],
        "graded_size": recipe["image_size"],
    }
    write_card(
        folder,
        grades=row["values"],
        over_baseline=row["against_best_baseline"],
        source=read_card(folder)["source"] | told,
        about={**RECIPES[name].about, **study_sections(name, studies)},
    )
    return folder


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m experiments.trained", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    exporting = commands.add_parser("export", help="write the SavedModel of a run or a preset")
    exporting.add_argument(
        "source", metavar="RUN|PRESET", help="folder of a run, or name or folder of a preset"
    )
    exporting.add_argument("--saved-models", type=Path, default=Path("saved_models"))
    keeping = commands.add_parser("keep", help="copy what is worth keeping of a run")
    keeping.add_argument("run", type=Path)
    keeping.add_argument("folder", type=Path)
    keeping.add_argument(
        "--records-only", action="store_true", help="no weights, which may take 100 MB and more"
    )
    for name, help in (
        ("ship", "write a run's preset, in float16, to a package"),
        ("describe", "write the card of a shipped preset anew, from records that were kept"),
    ):
        shipping = commands.add_parser(name, help=help)
        shipping.add_argument("run", type=Path)
        shipping.add_argument(
            "--studies", type=Path, nargs="+", default=[], metavar="FILE", help="for the card"
        )
        shipping.add_argument("--presets", type=Path, default=Path("polychrome/presets"))
    parsed = parser.parse_args(arguments)

    def work() -> None:
        if parsed.command == "export":
            print(export(parsed.source, parsed.saved_models))
        elif parsed.command in ("ship", "describe"):
            write = ship if parsed.command == "ship" else describe
            print(write(parsed.run, parsed.presets, parsed.studies))
        else:
            keep(parsed.run, parsed.folder, weights=not parsed.records_only)

    return status_of(work)


if __name__ == "__main__":
    sys.exit(main())
