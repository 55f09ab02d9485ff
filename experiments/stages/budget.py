"""What the weights of a network were trained on, from what the folders of runs record."""

from pathlib import Path

from experiments.training import Training, inherited, of_run
from polychrome.training.callbacks import TrainingState


def trainings_of(run: Path, name: str, initial: Path) -> list[Training]:
    """All training of a network's last weights, that of earlier runs first.

    Args:
        run: folder of a run that may have started with the weights of another.
        name: of the network.
        initial: record of its initial weights, relative to its folder.
    """
    folder = run / "networks" / name
    state = TrainingState.load(folder)
    # Kept runs of earlier versions hold the best epoch alone.
    whole = state.weights is not None and (folder / state.weights).exists()
    here = of_run(run, state.epoch if whole else state.best_epoch)
    return [*inherited(folder / initial), *here]
