"""Builders, losses, examples, and decoders of a recipe have the recipe's own scaling."""

import dataclasses
import functools
import inspect
import types
from collections.abc import Callable, Iterator, Mapping

import pytest

from experiments.recipe import Recipe, any_size
from experiments.recipes import RECIPES, eccv16, siggraph17, uci, vgg16, vvit
from polychrome.color.scaling import PADOVA, Scaling
from polychrome.layers.bin_decoder import decode_bins
from polychrome.models.resnet_decoder import build_resnet_decoder
from polychrome.models.vgg16 import build_vgg16

# Functions of these modules choose a scaling in their body. Elsewhere it is an argument, and what
# a body names is what the network's weights need, whatever the scaling.
CHOOSING = ("experiments.recipes.", "polychrome.weights.published")


def parts(value) -> Iterator:
    """What a value refers to: fields, items, arguments, closures, defaults, and globals."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        yield from (getattr(value, field.name) for field in dataclasses.fields(value))
    elif isinstance(value, Mapping):
        yield from value.values()
    elif isinstance(value, tuple | list):
        yield from value
    elif isinstance(value, functools.partial):
        yield from (value.args, value.keywords)
        yield from called(value.func, value.keywords)
    elif isinstance(value, types.FunctionType):
        closed = inspect.getclosurevars(value).nonlocals
        if closed.keys() == {"build", "settings"}:  # `any_size`
            yield closed["settings"]
            yield from called(closed["build"], closed["settings"])
        else:
            yield from closed.values()
            yield from called(value, {})


def called(function: Callable, given: Mapping) -> Iterator:
    """Defaults that `given` leaves, and globals of a function that chooses."""
    if not isinstance(function, types.FunctionType):
        return
    for name, parameter in inspect.signature(function).parameters.items():
        if name not in given:
            yield parameter.default
    if function.__module__.startswith(CHOOSING):
        yield from (function.__globals__.get(name) for name in names(function.__code__))


def names(code: types.CodeType) -> Iterator[str]:
    """Names in a function and in the functions that it defines."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from names(constant)


# Networks, losses, or examples of these systems take a scaling.
WITH_UNITS = ("dtu", "vgg16", "eccv16", "siggraph17", "uci_gan", "resnet_unet", "unet_fusion")


def scalings(recipe: Recipe) -> set[Scaling]:
    """Every scaling that a recipe's parts have, without its own field."""
    found, seen = set(), set()
    waiting = [value for name, value in vars(recipe).items() if name != "scaling"]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Scaling):
            found.add(value)
        elif id(value) not in seen:
            seen.add(id(value))
            waiting.extend(parts(value))
    return found


@pytest.mark.parametrize("name", RECIPES)
def test_all_parts_of_a_recipe_have_its_scaling(name):
    assert scalings(RECIPES[name]) <= {RECIPES[name].scaling}


def test_the_scalings_of_networks_that_know_units_are_found():
    """The others' example is the pipeline's, with the recipe's scaling."""
    for name in RECIPES:
        if name.startswith(WITH_UNITS):
            assert scalings(RECIPES[name]), name


@pytest.mark.parametrize(
    ("module", "scaling", "name"),
    [
        (vgg16, "UNIT", "vgg16_classification"),  # loss
        (eccv16, "ZHANG", "eccv16_narrow"),  # loss
        (siggraph17, "ZHANG", "siggraph17_narrow"),  # example
        (uci, "UNIT", "uci_gan"),  # layers
        (vvit, "VVIT", "unet_fusion"),  # example of the networks with classes
        (vvit, "VVIT", "resnet_unet_patchgan"),  # builder of the second network
    ],
)
def test_another_scaling_in_a_body_is_seen(module, scaling, name, monkeypatch):
    monkeypatch.setattr(module, scaling, PADOVA)
    assert PADOVA in scalings(RECIPES[name])


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("dtu_mse", {"build": any_size(build_resnet_decoder, scaling=PADOVA)}),
        ("cnn", {"build": any_size(build_vgg16)}),  # whose default is another one
        ("vgg16_regression", {"to_chroma": functools.partial(decode_bins, scaling=PADOVA)}),
    ],
)
def test_another_scaling_of_an_argument_is_seen(name, changes):
    recipe = RECIPES[name]
    network = dataclasses.replace(recipe.networks[0], **changes)
    assert not scalings(dataclasses.replace(recipe, networks=(network,))) <= {recipe.scaling}
