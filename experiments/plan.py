"""The plan of a run: recipe, options, and data set, decided once and passed down.

`recipe.json` in a run's folder is the dump of its plan.
"""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import keras

from experiments.command_line.options import Options
from experiments.recipe import Network, Recipe, any_size
from experiments.training import parts_of
from polychrome.errors import InputError
from polychrome.models.patchgan import patch_of
from polychrome.training.adversarial import Adversarial
from polychrome.training.devices import replicas
from polychrome.weights.published import WIDTH
from tf_data.augment import Augment, random_crop
from tf_data.sources.source import SPLITS, Source
from tf_data.superpixels.segmentation import Superpixels


@dataclasses.dataclass(frozen=True)
class Plan:
    """One run, decided.

    Attributes:
        recipe: with this run's networks, including their epochs, learning rates, and classes.
        options: as given.
        source: the data set; None for a plan read back from a run (`plan_of`).
        image_size: side of the images in pixels.
        batch_size: of all devices together, at most the number of images.
        limits: largest number of images of each split; None: all.
        resize: "crop" or "stretch".
        superpixels: with which test images are painted for a second grading, and, if
            `sees_superpixels`, training images.
        classes: number of classes of the data set, 0 if it has none.
    """

    recipe: Recipe
    options: Options
    source: Source | None
    image_size: int
    batch_size: int
    limits: Mapping[str, int | None]
    resize: str
    superpixels: Superpixels | None
    classes: int

    @property
    def networks(self) -> tuple[Network, ...]:
        """The networks to train, in order."""
        return self.recipe.networks

    @property
    def stored_size(self) -> int:
        """Side of the training images before a random crop."""
        stored = self.recipe.stored_size
        if stored is None or self.image_size != self.recipe.image_size:
            return self.image_size
        return stored

    @property
    def sees_superpixels(self) -> bool:
        """Whether networks see images painted with superpixels, in training and when graded so."""
        return self.superpixels is not None and self.recipe.superpixels is not None

    @property
    def native_size(self) -> int | None:
        """Side of the data set's images where they are all of one size; None where not known."""
        return None if self.source is None else self.source.image_size

    def fitted(self, images: int) -> "Plan":
        """The plan with the batch size that so many training images, and the devices, allow.

        Raises:
            InputError: fewer images than devices.
        """
        batch_size = min(self.batch_size, images)
        batch_size -= batch_size % replicas()
        if batch_size == 0:
            raise InputError(
                f"{images} training images for {replicas()} devices; each needs one at least",
                settings=("data_dir", "limit", "train_limit"),
            )
        return dataclasses.replace(self, batch_size=batch_size)

    def parts(self, images: int) -> int:
        """Number of epochs into which a pass over so many training images is divided."""
        return parts_of(images, self.batch_size, self.recipe.epoch_images)

    def steps(self, network: Network, images: int) -> int:
        """Steps of a network's whole training run on so many images."""
        return network.epochs * (images // self.parts(images) // self.batch_size)

    @property
    def label(self) -> str:
        """The recipe's, and what of its settings the options changed."""
        options, recipe = self.options, self.recipe
        changed = {
            "patch": options.patch,
            "learning rate": options.learning_rate,
            "batches of": options.batch_size if recipe.batch_size != options.batch_size else None,
            "resized by": options.resize if recipe.resize != options.resize else None,
        }
        said = [
            f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}"
            for name, value in changed.items()
            if value is not None
        ]
        return f"{recipe.label} ({', '.join(said)})" if said else recipe.label

    def augmentation(self, network: Network) -> tuple[Augment, ...]:
        """Random changes to the training images of a network, one after the other."""
        if self.stored_size > self.image_size:
            return (random_crop(self.image_size), *network.augment)
        return network.augment

    def assembled(self, networks: list[keras.Model]) -> keras.Model:
        """The colorizer of trained networks: lightness to both channels."""
        pairs = zip(self.networks, networks, strict=True)
        return self.recipe.assemble(*(described.to_chroma(network) for described, network in pairs))

    def dump(self) -> dict:
        """The plan as JSON values, for the folder and the report page."""
        recipe, options = self.recipe, self.options
        networks = [self._described(network) for network in self.networks]
        return {
            "name": recipe.name,
            "title": self.label,
            "summary": recipe.summary,
            "source": options.data,
            "reproduce": f"python -m {recipe.module} {recipe.name} {recipe.report_data}",
            "image_size": self.image_size,
            "stored_size": self.stored_size,
            "resize": self.resize,
            "validation_share": recipe.validation_share,
            "epoch_images": recipe.epoch_images,
            "batch_size": self.batch_size,
            "limits": dict(self.limits),
            "classes": self.classes,
            "scaling": dataclasses.asdict(recipe.scaling),
            "superpixels": self.superpixels and dataclasses.asdict(self.superpixels),
            "graded_split": recipe.graded_split,
            "networks": networks,
            "notes": [note for described in networks for note in self._notes(described)],
            "options": dataclasses.asdict(options),
        }

    def _described(self, network: Network) -> dict:
        built = network.build(self.image_size)
        patch = patch_of(built.discriminator) if isinstance(built, Adversarial) else None
        return {
            "name": network.name,
            "epochs": network.epochs,
            "channels": list(network.channels),
            "parameters": built.count_params(),
            "augmentation": [s.__name__.replace("_", " ") for s in self.augmentation(network)],
            **network.objective.describe(built),
            **({} if patch is None else {"patch": patch}),
        }

    def _notes(self, described: Mapping) -> Iterator[str]:
        """Caveats for readers of the results that the plan alone decides, as sentences."""
        patch, size = described.get("patch", 0), self.image_size
        if patch > size:
            yield (
                f"Discriminator of {described['name']}: each logit judges {patch}x{patch} pixels, "
                f"which exceeds the images of {size}x{size}; what lies outside is zero padding"
            )


def make_plan(recipe: Recipe, options: Options, source: Source) -> Plan:
    """Decide a run.

    Raises:
        InputError: options that this system does not use, or invalid values.
    """
    # Enlarged photographs have no more detail but cost as much as large ones.
    largest = min(recipe.image_size, source.image_size or recipe.image_size)
    image_size = options.image_size or largest
    limits = {
        split: least_limit(
            options.limit,
            options.graded if split == recipe.graded_split else options.train_limit,
        )
        for split in SPLITS
    }
    if recipe.graded_split != "validation":
        limits["validation"] = least_limit(limits["validation"], recipe.validation_images)
    _check_files(recipe, options)
    recipe = _with_options(recipe, options, len(source.classes))
    plan = Plan(
        recipe=recipe,
        options=options,
        source=source,
        image_size=image_size,
        batch_size=_batch_size(options.batch_size or recipe.batch_size),
        limits=limits,
        resize=options.resize or recipe.resize,
        superpixels=_superpixels(recipe, options, image_size),
        classes=len(source.classes),
    )
    if options.resident:
        _check_resident(plan)
    return plan


def _check_resident(plan: Plan) -> None:
    """Fail if TensorFlow would have to change the training images, which it does on the host."""
    for network in plan.networks:
        changes = [step.__name__.replace("_", " ") for step in plan.augmentation(network)]
        if network.draw is not None:
            changes.append("random numbers of its own")
        if changes:
            raise InputError(
                f"the images of {plan.recipe.name} can't stay in the accelerator's memory: its "
                f"network {network.name} is trained with {', '.join(changes)}; leave it out",
                settings=("resident",),
            )


def plan_of(recipe: Recipe, record: Mapping) -> Plan:
    """The plan of a run from its `recipe.json`, without its data set.

    Args:
        recipe: the one named in the record.
        record: output of `Plan.dump`, also from earlier versions, which recorded less.
    """
    known = {field.name for field in dataclasses.fields(Options)}
    options = Options(**{k: v for k, v in record["options"].items() if k in known})
    classes, painted = record.get("classes", 0), record.get("superpixels")
    return Plan(
        recipe=_with_options(recipe, options, classes),
        options=options,
        source=None,
        image_size=record["image_size"],
        batch_size=record["batch_size"],
        limits=record.get("limits", {}),
        resize=record.get("resize", "crop"),
        superpixels=Superpixels(**painted) if painted else None,
        classes=classes,
    )


def _with_options(recipe: Recipe, options: Options, classes: int) -> Recipe:
    """The recipe with the networks for these options and this data set."""
    networks = recipe.networks
    if recipe.with_classes is not None and classes:
        networks = recipe.with_classes(classes)
    if options.patch is not None:
        if recipe.with_patch is None:
            raise InputError(
                f"a patch of {options.patch} pixels: {recipe.name} has no PatchGAN; "
                "unet_patchgan has one",
                settings=("patch",),
            )
        networks = recipe.with_patch(options.patch)
    if options.weights is not None:
        released = recipe.released
        if released is None:
            raise InputError(
                f"{options.weights}: nobody published weights of {recipe.name}; it can begin with "
                "those of another run",
                settings=("weights", "init_from"),
            )
        if options.epochs != 0:
            raise InputError(
                f"{options.weights}: the authors' weights are graded, not trained; ask for 0 "
                "epochs",
                settings=("weights", "epochs"),
            )
        # The last network is the system; earlier ones only prepare it.
        last = dataclasses.replace(
            networks[-1],
            build=any_size(released.release.build, width=WIDTH),
            to_chroma=released.to_chroma,
            start=None,
        )
        networks = (last,)
        recipe = dataclasses.replace(recipe, variants=released.variants)
    if options.epochs == 0 and options.weights is None and options.init_from is None:
        raise InputError(
            "0 epochs: an untrained network has nothing to grade; give published weights, or those "
            "of another run",
            settings=("epochs", "weights", "init_from"),
        )
    trained = _trained_names(networks, options)
    changed = []
    for network in networks:
        objective = network.objective
        if options.learning_rate is not None:
            objective = objective.at_rate(options.learning_rate)
        epochs = network.epochs
        if options.epochs is not None:
            epochs = options.epochs
        elif options.data == "sample":
            epochs = min(epochs, recipe.sample_epochs)
        if network.name not in trained:
            epochs = 0
        changed.append(dataclasses.replace(network, objective=objective, epochs=epochs))
    return dataclasses.replace(recipe, networks=tuple(changed))


def _trained_names(networks: Sequence[Network], options: Options) -> list[str]:
    """Names of the networks that are trained.

    Raises:
        InputError: no network has a name that was asked for, or the others would have no weights.
    """
    names = [network.name for network in networks]
    if options.train_only is None:
        return names
    wanted = options.train_only.split(",")
    for name in wanted:
        if name not in names:
            raise InputError(
                f"no network of the system is named {name!r}; there are: {', '.join(names)}",
                settings=("train_only",),
            )
    if options.init_from is None and set(wanted) != set(names):
        raise InputError(
            f"{options.train_only}: the other networks would be untrained; give a run or preset "
            "that has them",
            settings=("train_only", "init_from"),
        )
    return wanted


def _superpixels(recipe: Recipe, options: Options, image_size: int) -> Superpixels | None:
    settings = ("superpixels", "compactness", "superpixel_method")
    given = [name for name in settings if getattr(options, name) is not None]
    default = recipe.superpixels
    if default is None:
        if not given:
            return None
        if options.weights is None:
            raise InputError(
                f"{recipe.name} does not train on superpixels; the systems named uci_ do, and "
                "published weights are graded on them",
                settings=given,
            )
        default = Superpixels.uci  # UCI graded Zhang et al.'s so
    changed = {"n_segments": options.superpixels, "compactness": options.compactness}
    changed = {name: value for name, value in changed.items() if value is not None}
    method = {"method": options.superpixel_method} if options.superpixel_method else {}
    return dataclasses.replace(default(image_size, **method), **changed)


def least_limit(*limits: int | None) -> int | None:
    """The least of some numbers of images, where None is no limit; None without any limit."""
    return min((limit for limit in limits if limit is not None), default=None)


def _batch_size(wanted: int) -> int:
    """A multiple of the number of devices."""
    devices = replicas()
    if wanted < devices:
        raise InputError(
            f"batches of {wanted}: there are {devices} devices, and each needs one image at least",
            settings=("batch_size",),
        )
    return wanted - wanted % devices


def _check_files(recipe: Recipe, options: Options) -> None:
    """Fail on unusable files before the run's folder is created and data is decoded."""
    needs = {need for network in recipe.networks for need in network.objective.needs}
    for setting, used in (
        ("encoder_weights", any(network.encoder for network in recipe.networks)),
        ("loss_weights", "features" in needs),
        ("weights", True),
        ("histogram", "histogram" in needs),
    ):
        file = getattr(options, setting)
        if file is not None and not used:
            raise InputError(
                f"{file}: {recipe.name} has no use for it; leave it out", settings=(setting,)
            )
        if file is not None and not Path(file).is_file():
            raise InputError(f"{file}: no such file", settings=(setting,))
