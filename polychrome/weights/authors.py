"""The files of weights that ECCV16's and SIGGRAPH17's authors offer. Imports no Keras."""

import dataclasses
import re

# PyTorch Hub's file names end in a hyphen and the first digits of the SHA-256.
NAMED_HASH = re.compile(r"-([0-9a-f]{8,64})\.pth$")

_COLORIZERS = "https://colorizers.s3.us-east-2.amazonaws.com"


@dataclasses.dataclass(frozen=True)
class AuthorsFile:
    """A file that can be fetched, and what there is to know about it before that.

    Attributes:
        title: of the system, for people.
        url: of the file, whose name ends in the first digits of its SHA-256.
        megabytes: about how large it is: four bytes for each weight.
        license: of the weights, as an SPDX name.
        data: what the network was trained on, in a sentence.
        source: the paper.
        image_size: side of the images that the authors feed, in pixels.
    """

    title: str
    url: str
    megabytes: int
    license: str
    data: str
    source: str
    image_size: int = 256

    @property
    def file(self) -> str:
        """Its name."""
        return self.url.rpartition("/")[2]

    @property
    def sha256_head(self) -> str:
        """The first digits of its SHA-256, all that the authors tell."""
        named = NAMED_HASH.search(self.file)
        assert named is not None
        return named[1]


_DATA = "Trained by its authors on ImageNet, whose photographs were given without a license."
FILES = {
    "eccv16": AuthorsFile(
        "ECCV16, the authors' weights",
        f"{_COLORIZERS}/colorization_release_v2-9b330a0b.pth",
        megabytes=129,
        license="BSD-2-Clause",
        data=_DATA,
        source="Zhang, Isola and Efros, Colorful Image Colorization, ECCV 2016",
    ),
    "siggraph17": AuthorsFile(
        "SIGGRAPH17, the authors' weights, without hints",
        f"{_COLORIZERS}/siggraph17-df00044c.pth",
        megabytes=137,
        license="BSD-2-Clause",
        data=_DATA,
        source="Zhang et al., Real-Time User-Guided Image Colorization, SIGGRAPH 2017",
    ),
}
