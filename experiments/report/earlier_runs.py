"""How much training a run's networks have had, in it and in the runs before it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from experiments.training import Training, inherited, of_run, read_if_there

# Ends the budget of a run that trained nothing itself.
AS_THEY_ARE = "; graded as they are"


def trained_networks(run: Path) -> dict[str, list[Training]]:
    """The training of a run's networks by their names, that of earlier runs first.

    Args:
        run: folder of a graded run, kept or whole.
    """
    found = {}
    for network in read_if_there(run / "recipe.json").get("networks", []):
        folder = run / "networks" / network["name"]
        epochs = read_if_there(folder / "state.json").get("epoch", 0)
        found[network["name"]] = [
            *inherited(folder / "initial_weights.json"),
            *of_run(run, epochs),
        ]
    return found


def in_words(networks: Mapping[str, Sequence[Training]]) -> str:
    """The training of a system's networks as one line for tables, for each if it differs."""
    said = {name: _history(trainings) for name, trainings in networks.items()}
    if differ(networks):
        return "; ".join(
            f"{name}: {_summed(networks[name])} ({history})"
            if number_of_runs({name: networks[name]}) > 1
            else f"{name}: {history}"
            for name, history in said.items()
        )
    several = f"{len(said)} networks, each " if len(said) > 1 else ""
    return several + next(iter(said.values()), "")


def in_brief(networks: Mapping[str, Sequence[Training]]) -> str:
    """`colorizer: 840,000 images in 4 runs; heads: 120,000 images in 2 runs`."""
    return "; ".join(f"{name}: {_summed(trainings)}" for name, trainings in networks.items())


def budget_of(networks: Mapping[str, Sequence[Training]], recorded: str) -> str:
    """The budget of a graded run in words, for each network if they differ.

    Args:
        networks: as of `trained_networks`.
        recorded: in the run's ``metrics.json``. Records of earlier versions say of networks
            together what each of them had.
    """
    if not differ(networks):
        return recorded
    return in_words(networks) + (AS_THEY_ARE if recorded.endswith(AS_THEY_ARE) else "")


def differ(networks: Mapping[str, Sequence[Training]]) -> bool:
    """Whether one of several networks had other training than another."""
    return len({tuple(trainings) for trainings in networks.values()}) > 1


def number_of_runs(networks: Mapping[str, Sequence[Training]]) -> int:
    """Those that the network with the most has had; 1 for none."""
    return max((len(trainings) for trainings in networks.values()), default=1)


def _summed(trainings: Sequence[Training]) -> str:
    """Of whole epochs, like the words beside it: the steps of early runs are not recorded."""
    images = [each.in_epochs for each in trainings]
    runs = f"{len(images)} {'run' if len(images) == 1 else 'runs'}"
    known = [each for each in images if each is not None]
    return f"{sum(known):,} images in {runs}" if len(known) == len(images) else runs


def _history(trainings: Sequence[Training]) -> str:
    return ", then ".join(map(_said, trainings)) or "untrained"


def _said(training: Training) -> str:
    said = f"{training.epochs} {'epoch' if training.epochs == 1 else 'epochs'}"
    if training.images is not None:
        whole, parts = training.images, training.parts
        said += f" of {whole // parts:,} of" if parts > 1 else " of"
        said += f" {whole:,} images"
    if training.image_size is not None:
        said += f" of {training.image_size}x{training.image_size}"
    return f"{said}, {training.precision}" if training.precision else said
