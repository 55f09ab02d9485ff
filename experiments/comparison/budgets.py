"""A budget as epochs of a recipe's networks."""

import dataclasses
import math
from collections.abc import Callable, Mapping

from experiments.comparison.settings import CURVE_IMAGES, Budget
from experiments.recipe import Network, Recipe
from experiments.training import images_of_epoch

# Of the network with the fewest: runs stop, go on, and have a point of their curve at epochs.
_LEAST_EPOCHS = 10
# Validation images after each epoch, at most.
_VALIDATION = 2_000


@dataclasses.dataclass(frozen=True)
class Share:
    """How a recipe spends a budget.

    Attributes:
        epochs: of each network, by name.
        epoch_images: images in the whole batches of an epoch.
        recipe_epoch: as `Recipe.epoch_images`, which gives such epochs.
    """

    epochs: Mapping[str, int]
    epoch_images: int
    recipe_epoch: int

    @property
    def images(self) -> int:
        """That all networks see together, counted each time."""
        return self.epoch_images * sum(self.epochs.values())


def share_of(
    budget: Budget,
    networks: tuple[Network, ...],
    costs: Mapping[str, float],
    train_images: int,
    batch_size: int,
) -> Share:
    """Divide a budget among networks in the proportions of their recipe's own epochs.

    Args:
        budget: of all together.
        networks: of the recipe, with its epochs.
        costs: CPU seconds of an image by network; not needed for a budget in images.
        train_images: number of training images.
        batch_size: images a step.
    """
    if budget.images is not None:
        total, costs = float(budget.images), {network.name: 1.0 for network in networks}
    else:
        assert budget.cpu_seconds is not None
        total = budget.cpu_seconds
    spent = sum(network.epochs * costs[network.name] for network in networks)
    images = {network.name: network.epochs * total / spent for network in networks}
    wanted = max(batch_size, round(min(images.values()) / _LEAST_EPOCHS))
    epoch = images_of_epoch(train_images, batch_size, wanted)
    epochs = {name: max(1, round(count / epoch)) for name, count in images.items()}
    return Share(epochs, epoch, wanted)


def topped_up(
    share: Share,
    budget: Budget,
    networks: tuple[Network, ...],
    spent: Mapping[str, float],
    done: Mapping[str, int],
) -> Share | None:
    """The share with epochs added until the budget is spent, by what the finished ones cost.

    What an image costs is known badly before training. A network from whose weights another one
    began stays as it is, and so does one whose learning rate has fallen to zero: the others get
    what is left, in the proportions of their recipe's own epochs.

    Args:
        share: that is done.
        budget: in processor time; one in images is spent as planned.
        networks: of the recipe, with its epochs, in order.
        spent: CPU seconds by network.
        done: finished epochs by network.

    Returns:
        None if the budget is spent, or nothing can be added.
    """
    if budget.cpu_seconds is None or sum(spent.values()) >= budget.cpu_seconds:
        return None
    first = max((i for i, network in enumerate(networks) if network.start is not None), default=0)
    further = [network for network in networks[first:] if not _falls_to_zero(network)]
    if not further:
        return None
    names = {network.name for network in further}
    left = budget.cpu_seconds - sum(spent[name] for name in spent if name not in names)
    epoch = {name: spent[name] / done[name] for name in names}
    of_recipe = sum(network.epochs * epoch[network.name] for network in further)
    epochs = dict(share.epochs)
    for network in further:
        wanted = math.ceil(network.epochs * left / of_recipe)
        epochs[network.name] = max(epochs[network.name], wanted)
    # Together they may cost the budget to a hair: a last epoch for the last one then.
    if epochs == share.epochs:
        epochs[further[-1].name] += 1
    return dataclasses.replace(share, epochs=epochs)


def _falls_to_zero(network: Network) -> bool:
    """Whether its learning rate is planned to do so at the end of the run."""
    return getattr(getattr(network.objective, "optimizer", None), "decay", 0.0) > 0


def budgeted(recipe: Recipe, share: Share, split: str) -> Recipe:
    """A recipe that spends its share, on the same images as all others.

    Args:
        recipe: of a report.
        share: of `share_of`.
        split: that is graded.
    """

    def changed(networks: tuple[Network, ...]) -> tuple[Network, ...]:
        return tuple(dataclasses.replace(n, epochs=share.epochs[n.name]) for n in networks)

    def after(make: Callable | None) -> Callable | None:
        return None if make is None else lambda given: changed(make(given))

    return dataclasses.replace(
        common(recipe, split),
        networks=changed(recipe.networks),
        with_classes=after(recipe.with_classes),
        with_patch=after(recipe.with_patch),
        epoch_images=share.recipe_epoch,
        validation_images=min(_VALIDATION, max(CURVE_IMAGES, share.epoch_images // 8)),
        curve_images=CURVE_IMAGES,
    )


def common(recipe: Recipe, split: str) -> Recipe:
    """A recipe on the images that all systems of a bake-off share, cut and split alike."""
    return dataclasses.replace(
        recipe, graded_split=split, resize="crop", validation_share=None, sample_epochs=2**31
    )
