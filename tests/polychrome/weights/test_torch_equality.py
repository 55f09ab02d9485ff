"""Published weights in our networks against the same weights in PyTorch.

Needs the extra `torch`; runs with `-m torch`. Weights and batch-norm statistics are random, in
files as the authors' are: the published ones are not part of the repository.
"""

import hashlib
import pathlib

import numpy as np
import pytest

from polychrome.errors import InputError
from polychrome.models.eccv16 import as_released, build_eccv16
from polychrome.models.resnet import build_resnet18
from polychrome.models.siggraph17 import build_siggraph17, without_hints
from polychrome.weights import convert
from polychrome.weights import published as checkpoints
from polychrome.weights.imagenet import load_resnet18

pytestmark = pytest.mark.torch

TOLERANCE = {"rtol": 0, "atol": 1e-4}
WIDTH = 8


def randomized(module, seed=0):
    """Weights that keep activations near 1, biases, and statistics that are not 0 and 1."""
    import torch
    from torch import nn

    torch.manual_seed(seed)
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.weight.data.uniform_(0.5, 1.5)
            part.bias.data.normal_(0.0, 0.3)
            part.running_mean.normal_(0.0, 0.3)
            part.running_var.uniform_(0.5, 2.0)
        elif isinstance(part, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.kaiming_normal_(part.weight)
            if part.bias is not None:
                part.bias.data.normal_(0.0, 0.3)
    return module.eval()


def saved(state, folder, stem):
    """The file of a state dict, with the head of its hash in its name as the authors' files."""
    import torch

    plain = folder / "plain.pth"
    torch.save(state, plain)
    head = hashlib.sha256(plain.read_bytes()).hexdigest()[:8]
    return plain.rename(folder / f"{stem}-{head}.pth")


def arrays(state):
    return {key: value.numpy() for key, value in state.items()}


def torch_answer(function, *inputs):
    """Call a PyTorch function with channels first, and give its answers with channels last."""
    import torch

    with torch.inference_mode():
        answers = function(*[torch.from_numpy(part).permute(0, 3, 1, 2) for part in inputs])
    answers = answers if isinstance(answers, tuple | list) else [answers]
    return [answer.permute(0, 2, 3, 1).numpy() for answer in answers]


def example(height, width, seed=0):
    """Lightness, hints and mask."""
    random = np.random.default_rng(seed)
    lightness = random.uniform(-0.5, 0.5, (2, height, width, 1)).astype("float32")
    mask = (random.uniform(size=lightness.shape) < 0.1).astype("float32")
    hints = mask * random.uniform(-1, 1, (2, height, width, 2)).astype("float32")
    return lightness, hints, mask


SIZES = pytest.mark.parametrize("height, width", [(32, 32), (40, 64)])


@SIZES
def test_eccv16(height, width):
    from benchmarks.ways.torch_networks import ECCV16

    theirs = randomized(ECCV16(WIDTH))
    # Centers as wide as the ab plane, and probabilities that prefer some of them.
    theirs.model_out.weight.data.uniform_(-1.0, 1.0)
    theirs.model8[6].weight.data *= 2.0
    logits_network = build_eccv16(WIDTH)
    ours = as_released(logits_network)
    checkpoints.assign(ours, arrays(theirs.state_dict()))
    lightness = example(height, width)[0]
    [expected] = torch_answer(theirs.logits, lightness)
    assert np.abs(expected).max() > 1.0
    np.testing.assert_allclose(logits_network(lightness), expected, **TOLERANCE)
    [expected] = torch_answer(theirs, lightness)
    assert expected.std() > 0.05
    np.testing.assert_allclose(ours(lightness), expected, **TOLERANCE)


@SIZES
@pytest.mark.parametrize("hinted", [True, False])
def test_siggraph17(height, width, hinted):
    from benchmarks.ways.torch_networks import SIGGRAPH17

    theirs = randomized(SIGGRAPH17(WIDTH))
    ours = build_siggraph17(WIDTH)
    checkpoints.assign(ours, arrays(theirs.state_dict()))
    lightness, hints, mask = example(height, width)
    if not hinted:
        hints, mask = np.zeros_like(hints), np.zeros_like(mask)
    chroma, logits = torch_answer(theirs, lightness, hints, mask)
    answer = ours({"lightness": lightness, "hints": hints, "mask": mask})
    assert chroma.std() > 0.05 and np.abs(logits).max() > 1.0
    np.testing.assert_allclose(answer["chroma"], chroma, **TOLERANCE)
    np.testing.assert_allclose(answer["bins"], logits, **TOLERANCE)
    if not hinted:
        np.testing.assert_allclose(without_hints(ours)(lightness), chroma, **TOLERANCE)


def random_resnet18_state():
    """In torchvision's layout, classifier and counters included."""
    import torch

    state, random = {}, np.random.default_rng(0)
    for key, (variable, axes) in checkpoints.torch_variables(build_resnet18()).items():
        shape = [variable.shape[axes.index(axis)] for axis in range(len(axes))]
        if len(shape) == 4:
            value = random.normal(0, np.sqrt(1 / np.prod(shape[1:])), shape)
        elif key.endswith(("bias", "running_mean")):
            value = random.normal(0, 0.3, shape)
        else:
            value = random.uniform(0.5, 1.5, shape)
        state[key] = torch.from_numpy(value.astype("float32"))
        if key.endswith("running_var"):
            state[key.replace("running_var", "num_batches_tracked")] = torch.tensor(7)
    return state | {"fc.weight": torch.zeros(1000, 512), "fc.bias": torch.zeros(1000)}


def test_resnet18_from_a_file_in_torchvisions_layout(tmp_path):
    from torch_resnet import resnet18_features

    state = random_resnet18_state()
    path = saved(state, tmp_path, "resnet18")
    encoder = build_resnet18(name="encoder")
    assert load_resnet18(encoder, path).origin == f"ImageNet weights from {path.name}"
    images = np.random.default_rng(1).normal(size=(1, 64, 96, 3)).astype("float32")
    expected = torch_answer(lambda x: resnet18_features(state, x), images)
    for ours, theirs in zip(encoder(images, training=False), expected, strict=True):
        assert theirs.std() > 0.05
        np.testing.assert_allclose(ours, theirs, **TOLERANCE)


@pytest.mark.parametrize("name", ["ECCV16", "SIGGRAPH17"])
def test_a_converted_file_answers_as_pytorch(tmp_path, capsys, name):
    from benchmarks.ways import torch_networks

    theirs = randomized(getattr(torch_networks, name)())
    path = saved(theirs.state_dict(), tmp_path, name.lower())
    assert convert.main(["convert", str(path)]) == 0
    out = path.with_suffix(".weights.h5")
    assert capsys.readouterr().out == f"{name}: {out}\n"
    assert {entry.name for entry in tmp_path.iterdir()} == {path.name, out.name}

    lightness, hints, mask = example(16, 24)
    if name == "ECCV16":
        # One file, for the colorizer and for the logits that are trained.
        logits = build_eccv16()
        logits.load_weights(out)
        [expected] = torch_answer(theirs.logits, lightness)
        np.testing.assert_allclose(logits(lightness), expected, **TOLERANCE)
        ours, inputs = as_released(build_eccv16()), [lightness]
        ours.load_weights(out)
        answer = ours(lightness)
    else:
        ours, inputs = build_siggraph17(), [lightness, hints, mask]
        ours.load_weights(out)
        answer = ours(dict(zip(("lightness", "hints", "mask"), inputs, strict=True)))["chroma"]
    np.testing.assert_allclose(answer, torch_answer(theirs, *inputs)[0], **TOLERANCE)


class Executed:
    """Pickles as a call that would leave a file behind."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return pathlib.Path.touch, (self.path,)


def test_files_that_are_refused(tmp_path):
    import torch

    from benchmarks.ways.torch_networks import SIGGRAPH17

    # One number each, in whatever shape: the file stays small.
    shapes = {key: value.shape for key, value in SIGGRAPH17().state_dict().items()}
    state = {key: torch.zeros(()).expand(shape) for key, shape in shapes.items()}

    def refusal(content):
        with pytest.raises(InputError) as caught:
            convert.convert(saved(content, tmp_path, "siggraph17"))
        assert not list(tmp_path.glob("*.h5"))
        return str(caught.value)

    lacking = {key: value for key, value in state.items() if key != "model8up.0.weight"}
    assert refusal(lacking).endswith("not the weights of SIGGRAPH17: model8up.0.weight is missing")
    narrow = state | {"model2.0.bias": torch.zeros(3)}
    assert refusal(narrow).endswith("model2.0.bias has the shape (3,) instead of (128,)")
    assert refusal(state | {"more": torch.zeros(1)}).endswith("more is not in it")
    assert "no weight of any of ECCV16, SIGGRAPH17, ResNet-18" in refusal({"w": torch.zeros(1)})
    assert "state dict" in refusal([torch.zeros(1)])
    assert "state dict" in refusal({"epoch": 3})
    marker = tmp_path / "marker"
    assert "not a whole PyTorch file" in refusal({"model1.0.weight": Executed(marker)})
    assert not marker.exists()


@pytest.mark.parametrize("old", [False, True], ids=["zip", "before 1.6"])
@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.95])
def test_a_file_cut_short_without_a_hash_in_its_name(tmp_path, old, share):
    import torch

    path = tmp_path / "weights.pth"
    state = {f"model{number}.0.weight": torch.ones(8, 8) for number in range(20)}
    torch.save(state, path, _use_new_zipfile_serialization=not old)
    assert len(checkpoints.read_state(path)) == 20
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(InputError, match="weights.pth: not a whole PyTorch file of weights"):
        checkpoints.read_state(path)
