"""ECCV16 and SIGGRAPH17 in PyTorch, by the names of their published state dicts.

The rival in `benchmarks.eccv16_forward`, and the reference for equality tests. Written from
the papers' layer tables and the keys of the state dicts, apart from `polychrome.models`.
"""

import torch
from torch import nn
from torch.nn import functional


def _block(inputs: int, filters: int, count: int, stride: int = 1, dilation: int = 1):
    """`count` 3x3 convolutions, each ReLU, the last one strided; then batch norm."""
    parts: list[nn.Module] = []
    for index in range(count):
        last = index == count - 1
        parts += [
            nn.Conv2d(
                filters if index else inputs,
                filters,
                3,
                stride=stride if last else 1,
                padding=dilation,
                dilation=dilation,
            ),
            nn.ReLU(inplace=True),
        ]
    return nn.Sequential(*parts, nn.BatchNorm2d(filters))


def _up(inputs: int, filters: int) -> nn.Module:
    return nn.ConvTranspose2d(inputs, filters, 4, stride=2, padding=1)


def _conv(inputs: int, filters: int) -> nn.Module:
    return nn.Conv2d(inputs, filters, 3, padding=1)


class ECCV16(nn.Module):
    """Lightness `[B, 1, H, W]` ((L* - 50) / 100), sides multiples of 8, to chroma (ab / 110)."""

    def __init__(self, width: int = 64, bins: int = 313):
        super().__init__()
        self.model1 = _block(1, width, 2, stride=2)
        self.model2 = _block(width, 2 * width, 2, stride=2)
        self.model3 = _block(2 * width, 4 * width, 3, stride=2)
        self.model4 = _block(4 * width, 8 * width, 3)
        self.model5 = _block(8 * width, 8 * width, 3, dilation=2)
        self.model6 = _block(8 * width, 8 * width, 3, dilation=2)
        self.model7 = _block(8 * width, 8 * width, 3)
        self.model8 = nn.Sequential(
            _up(8 * width, 4 * width),
            nn.ReLU(inplace=True),
            _conv(4 * width, 4 * width),
            nn.ReLU(inplace=True),
            _conv(4 * width, 4 * width),
            nn.ReLU(inplace=True),
            nn.Conv2d(4 * width, bins, 1),
        )
        self.model_out = nn.Conv2d(bins, 2, 1, bias=False)

    def logits(self, lightness: torch.Tensor) -> torch.Tensor:
        """Logits `[B, bins, H / 4, W / 4]`."""
        x = lightness
        for number in range(1, 9):
            x = getattr(self, f"model{number}")(x)
        return x

    def forward(self, lightness: torch.Tensor) -> torch.Tensor:
        chroma = self.model_out(functional.softmax(self.logits(lightness), dim=1))
        return functional.interpolate(chroma, scale_factor=4, mode="bilinear")


class SIGGRAPH17(nn.Module):
    """Lightness, hints (ab / 110) and mask, `[B, 1 or 2, H, W]`, to chroma and logits."""

    def __init__(self, width: int = 64, bins: int = 529):
        super().__init__()
        self.model1 = _block(4, width, 2)
        self.model2 = _block(width, 2 * width, 2)
        self.model3 = _block(2 * width, 4 * width, 3)
        self.model4 = _block(4 * width, 8 * width, 3)
        self.model5 = _block(8 * width, 8 * width, 3, dilation=2)
        self.model6 = _block(8 * width, 8 * width, 3, dilation=2)
        self.model7 = _block(8 * width, 8 * width, 3)
        self.model8up = nn.Sequential(_up(8 * width, 4 * width))
        self.model3short8 = nn.Sequential(_conv(4 * width, 4 * width))
        self.model8 = nn.Sequential(
            nn.ReLU(),
            _conv(4 * width, 4 * width),
            nn.ReLU(),
            _conv(4 * width, 4 * width),
            nn.ReLU(),
            nn.BatchNorm2d(4 * width),
        )
        self.model9up = nn.Sequential(_up(4 * width, 2 * width))
        self.model2short9 = nn.Sequential(_conv(2 * width, 2 * width))
        self.model9 = nn.Sequential(
            nn.ReLU(), _conv(2 * width, 2 * width), nn.ReLU(), nn.BatchNorm2d(2 * width)
        )
        self.model10up = nn.Sequential(_up(2 * width, 2 * width))
        self.model1short10 = nn.Sequential(_conv(width, 2 * width))
        self.model10 = nn.Sequential(
            nn.ReLU(), _conv(2 * width, 2 * width), nn.LeakyReLU(negative_slope=0.2)
        )
        self.model_class = nn.Sequential(nn.Conv2d(4 * width, bins, 1))
        self.model_out = nn.Sequential(nn.Conv2d(2 * width, 2, 1), nn.Tanh())

    def forward(
        self, lightness: torch.Tensor, hints: torch.Tensor, mask: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        one = self.model1(torch.cat([lightness, hints, mask], dim=1))
        two = self.model2(one[:, :, ::2, ::2])
        three = self.model3(two[:, :, ::2, ::2])
        x = self.model4(three[:, :, ::2, ::2])
        x = self.model7(self.model6(self.model5(x)))
        x = self.model8(self.model8up(x) + self.model3short8(three))
        logits = self.model_class(x)
        x = self.model9(self.model9up(x) + self.model2short9(two))
        x = self.model10(self.model10up(x) + self.model1short10(one))
        return self.model_out(x), logits
