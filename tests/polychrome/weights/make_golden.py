"""Makes the files in `golden/`: PyTorch's answers, and state dicts that PyTorch wrote.

    python tests/polychrome/weights/make_golden.py
    python tests/polychrome/weights/make_golden.py --compare FOLDER

from the root of a clone, with the extra `torch` and, for EfficientNet-Lite0, timm 1.0.19.
`test_golden` compares our networks with them. With --compare nothing is written: it prints how far
our EfficientNet-Lite0 is from timm's on the photographs in a folder.
"""

import argparse
import collections
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
GOLDEN = Path(__file__).parent / "golden"
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import golden_inputs  # noqa: E402
import numpy as np  # noqa: E402
import timm  # noqa: E402
import torch  # noqa: E402
from PIL import Image, ImageOps  # noqa: E402
from torch_resnet import resnet18_features  # noqa: E402

from benchmarks.ways.torch_networks import ECCV16, SIGGRAPH17  # noqa: E402
from polychrome.color.bins import ANNEALED_TEMPERATURE, BINS  # noqa: E402
from polychrome.models.efficientnet_lite import build_efficientnet_lite0  # noqa: E402
from polychrome.weights.imagenet import (  # noqa: E402
    efficientnet_lite0_file,
    load_efficientnet_lite0,
)


def main() -> None:
    """Write them all, or compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--compare", type=Path, metavar="FOLDER")
    folder = parser.parse_args().compare
    if folder is not None:
        compare(folder)
        return
    GOLDEN.mkdir(exist_ok=True)
    with torch.inference_mode():
        for name, answers in {
            "eccv16": eccv16(),
            "siggraph17": siggraph17(),
            "resnet18": resnet18(),
            "efficientnet_lite0": efficientnet_lite0(),
            "decoding": decoding(),
        }.items():
            arrays = {key: answer.numpy().astype("float32") for key, answer in answers.items()}
            np.savez_compressed(GOLDEN / f"{name}.npz", **arrays)
    state = every_kind_of_tensor()
    torch.save(state, GOLDEN / "zip.pth")
    torch.save(state, GOLDEN / "stream.pth", _use_new_zipfile_serialization=False)
    arrays = {key: tensor.detach().numpy() for key, tensor in state.items()}
    np.savez_compressed(GOLDEN / "tensors.npz", **arrays)


def compare(folder: Path) -> None:
    """Print the largest difference of a logit, and how many photographs get the same class."""
    # The square in the middle, 224 pixels a side.
    paths = sorted(path for path in folder.rglob("*.jpg"))
    pictures = np.stack(
        [np.asarray(ImageOps.fit(Image.open(path).convert("RGB"), (224, 224))) for path in paths]
    )
    photographs = (pictures.astype("float32") - 127) / 128
    ours = build_efficientnet_lite0()
    load_efficientnet_lite0(ours)
    logits = np.asarray(ours.predict(photographs, batch_size=25, verbose=0)["logits"])
    with torch.inference_mode():
        expected = timms_lite0()(channels_first(photographs)).numpy()
    same = int((logits.argmax(axis=-1) == expected.argmax(axis=-1)).sum())
    print(
        f"{len(paths)} photographs, logits from {expected.min():.1f} to {expected.max():.1f}: "
        f"largest difference {np.abs(logits - expected).max():.1e}, the same class for {same}"
    )


def timms_lite0() -> torch.nn.Module:
    """timm's network with the published file."""
    network = timm.create_model("tf_efficientnet_lite0")
    published = torch.load(efficientnet_lite0_file(), weights_only=True)
    network.load_state_dict({timms_name(key): value for key, value in published.items()})
    return network.eval()


def given_weights(network: torch.nn.Module) -> torch.nn.Module:
    """The network with the weights of `golden_inputs`, in inference."""
    shapes = {key: tuple(value.shape) for key, value in network.state_dict().items()}
    shapes = {key: shape for key, shape in shapes.items() if "num_batches" not in key}
    state = golden_inputs.random_state(shapes)
    network.load_state_dict({k: torch.from_numpy(v) for k, v in state.items()}, strict=False)
    return network.eval()


def channels_first(array: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(array).permute(0, 3, 1, 2)


def channels_last(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.permute(0, 2, 3, 1)


def eccv16() -> dict[str, torch.Tensor]:
    """Every eighth logit, which is as telling, and the chroma."""
    network = given_weights(ECCV16(golden_inputs.WIDTH))
    lightness = channels_first(golden_inputs.example()[0])
    return {
        "logits": channels_last(network.logits(lightness))[..., ::8],
        "chroma": channels_last(network(lightness)),
    }


def siggraph17() -> dict[str, torch.Tensor]:
    """The chroma with and without hints, and every eighth logit with them."""
    network = given_weights(SIGGRAPH17(golden_inputs.WIDTH))
    lightness, hints, mask = map(channels_first, golden_inputs.example())
    chroma, logits = network(lightness, hints, mask)
    unhinted, _ = network(lightness, torch.zeros_like(hints), torch.zeros_like(mask))
    return {
        "chroma": channels_last(chroma),
        "bins": channels_last(logits)[..., ::8],
        "chroma_without_hints": channels_last(unhinted),
    }


def resnet18() -> dict[str, torch.Tensor]:
    """The feature maps, `stride_2` to `stride_32`."""
    state = golden_inputs.random_state(resnet18_shapes(golden_inputs.WIDTH))
    tensors = {key: torch.from_numpy(value) for key, value in state.items()}
    features = resnet18_features(tensors, channels_first(golden_inputs.images()))
    return {f"stride_{2 << index}": channels_last(map_) for index, map_ in enumerate(features)}


def resnet18_shapes(width: int) -> dict[str, tuple[int, ...]]:
    """torchvision's state dict, less its classifier, at another width."""
    shapes: dict[str, tuple[int, ...]] = {}

    def add(convolution: str, norm: str, outputs: int, inputs: int, kernel: int) -> None:
        shapes[f"{convolution}.weight"] = (outputs, inputs, kernel, kernel)
        for part in ("weight", "bias", "running_mean", "running_var"):
            shapes[f"{norm}.{part}"] = (outputs,)

    add("conv1", "bn1", width, 3, 7)
    inputs = width
    for stage in range(4):
        outputs = width * 2**stage
        for block in range(2):
            name = f"layer{stage + 1}.{block}"
            add(f"{name}.conv1", f"{name}.bn1", outputs, inputs, 3)
            add(f"{name}.conv2", f"{name}.bn2", outputs, outputs, 3)
            if inputs != outputs:
                add(f"{name}.downsample.0", f"{name}.downsample.1", outputs, inputs, 1)
            inputs = outputs
    return shapes


def efficientnet_lite0() -> dict[str, torch.Tensor]:
    """timm's: logits of photographs by ImageNet's weights; features and logits by random ones.

    Every fourth channel of the features. The image of the random ones has odd sides.
    """
    published = torch.load(efficientnet_lite0_file(), weights_only=True)
    network = timms_lite0()
    photographs = (golden_inputs.photograph_crops().astype("float32") - 127) / 128
    photograph_logits = network(channels_first(photographs))

    shapes = {k: tuple(v.shape) for k, v in published.items() if "num_batches" not in k}
    state = golden_inputs.random_state(shapes)
    state = {timms_name(key): torch.from_numpy(value) for key, value in state.items()}
    network.load_state_dict(state, strict=False)
    image = channels_first(golden_inputs.images(45, 70))
    stem = network.bn1(network.conv_stem(image))
    features, x = {}, stem
    for index, stage in enumerate(network.blocks):
        x = stage(x)
        if (name := {0: 2, 1: 4, 2: 8, 4: 16, 6: 32}.get(index)) is not None:
            features[f"stride_{name}"] = channels_last(x)[..., ::4]
    return {"photographs": photograph_logits, **features, "logits": network(image)}


def timms_name(key: str) -> str:
    """The published file's name of a weight to timm's."""
    outer = {"_conv_stem": "conv_stem", "_bn0": "bn1", "_conv_head": "conv_head"}
    outer |= {"_bn1": "bn2", "_fc": "classifier"}
    first, _, rest = key.partition(".")
    if first != "_blocks":
        return f"{outer[first]}.{rest}"
    number, layer, part = rest.split(".")
    # The first block does not expand.
    inner = {"_depthwise_conv": "conv_dw", "_bn1": "bn1", "_project_conv": "conv_pw", "_bn2": "bn2"}
    if number != "0":
        inner = {"_expand_conv": "conv_pw", "_bn0": "bn1", "_depthwise_conv": "conv_dw"}
        inner |= {"_bn1": "bn2", "_project_conv": "conv_pwl", "_bn2": "bn3"}
    stage, block = 0, int(number)
    for count in (1, 2, 2, 3, 3, 4, 1):
        if block < count:
            break
        stage, block = stage + 1, block - count
    return f"blocks.{stage}.{block}.{inner[layer]}.{part}"


def decoding() -> dict[str, torch.Tensor]:
    """Colors of the 313 bins by each way of decoding, computed with float64."""
    logits = torch.from_numpy(golden_inputs.logits()).double()
    centers = torch.from_numpy(BINS.copy()).double()
    return {
        "mean": torch.softmax(logits, -1) @ centers,
        "annealed_mean": torch.softmax(logits / ANNEALED_TEMPERATURE, -1) @ centers,
        "arg_max": centers[logits.argmax(-1)],
    }


def every_kind_of_tensor() -> collections.OrderedDict:
    """A state dict with what such files may hold: views, shared storages, all kinds of numbers."""
    torch.manual_seed(0)
    shared = torch.arange(24, dtype=torch.float32)
    state = collections.OrderedDict(
        float32=torch.randn(3, 2, 3, 3),
        parameter=torch.nn.Parameter(torch.randn(5)),
        transposed=torch.randn(4, 6).t(),
        channels_last=torch.randn(2, 3, 4, 4).to(memory_format=torch.channels_last),
        beginning=shared[:10],
        every_third=shared[5:23:3],
        expanded=torch.tensor([1.5, 2.5]).reshape(2, 1).expand(2, 7),
        float64=torch.randn(3, dtype=torch.float64),
        float16=torch.randn(4, 4).half(),
        int64=torch.tensor(7),
        int32=torch.arange(-3, 3, dtype=torch.int32),
        int16=torch.arange(-3, 3, dtype=torch.int16),
        int8=torch.arange(-3, 3, dtype=torch.int8),
        uint8=torch.arange(250, 256, dtype=torch.uint8),
        bool=torch.tensor([True, False, True]),
        empty=torch.zeros(0, 3),
    )
    # As `Module.state_dict` has it: versions of the layers, beside the tensors.
    state._metadata = collections.OrderedDict({"": {"version": 1}})
    return state


if __name__ == "__main__":
    main()
