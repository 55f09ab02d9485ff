"""ResNet-18 in PyTorch, by torchvision's names of its weights: the reference for equality tests.

Written from the paper's layer table and the keys of the state dict, apart from `polychrome.models`.
"""

from collections.abc import Mapping

import torch
from torch.nn import functional


def resnet18_features(
    state: Mapping[str, torch.Tensor], images: torch.Tensor
) -> list[torch.Tensor]:
    """Feature maps at strides 2 to 32 of images `[B, 3, H, W]`."""

    def convolve(x, name, stride=1):
        weight = state[f"{name}.weight"]
        return functional.conv2d(x, weight, stride=stride, padding=weight.shape[-1] // 2)

    def norm(x, name):
        parts = (state[f"{name}.{part}"] for part in ("running_mean", "running_var"))
        return functional.batch_norm(
            x, *parts, weight=state[f"{name}.weight"], bias=state[f"{name}.bias"]
        )

    features = [functional.relu(norm(convolve(images, "conv1", 2), "bn1"))]
    x = functional.max_pool2d(features[0], 3, stride=2, padding=1)
    for stage in range(1, 5):
        for block in range(2):
            name, stride = f"layer{stage}.{block}", 2 if stage > 1 and not block else 1
            y = functional.relu(norm(convolve(x, f"{name}.conv1", stride), f"{name}.bn1"))
            y = norm(convolve(y, f"{name}.conv2"), f"{name}.bn2")
            if stride > 1:
                x = norm(convolve(x, f"{name}.downsample.0", stride), f"{name}.downsample.1")
            x = functional.relu(x + y)
        features.append(x)
    return features
