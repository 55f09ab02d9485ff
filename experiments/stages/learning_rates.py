"""The learning rates of a run, which its length decides, and what its record says of them."""

from pathlib import Path

from experiments.plan import Plan
from experiments.recipe import Network
from experiments.stages.earlier_weights import RECORD
from experiments.training import read_if_there
from polychrome.training.callbacks import TrainingState


def warmup_of(network: Network, folder: Path, steps: int) -> int:
    """Steps over which the learning rate of a network rises.

    Args:
        folder: of the network in the run.
        steps: of its whole training run.
    """
    optimizer = network.objective.optimizer
    if TrainingState.load(folder).epoch == 0:
        return optimizer.warmup_in(steps)
    # A run that goes on keeps the warm-up that it was begun with, also if it is longer now: the
    # rate would fall back. Earlier versions recorded none, because they never shortened it.
    return read_if_there(folder / RECORD).get("warmup_steps", optimizer.warmup)


def with_rates(described: list[dict], plan: Plan, images: int, run: Path) -> list[dict]:
    """Descriptions of a plan's networks that say the learning rates of a run.

    Args:
        described: "networks" of `Plan.dump`, which does not know the run's length.
        images: number of training images.
        run: its folder.
    """
    found = []
    for words, network in zip(described, plan.networks, strict=True):
        steps = plan.steps(network, images)
        warmup = warmup_of(network, run / "networks" / network.name, steps)
        said = network.objective.optimizer_in_words(steps, warmup)
        found.append(words | {"optimizer": said})
    return found
