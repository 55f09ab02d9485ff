"""Pillow's files without what it adds to reading them: a limit of pixels, turns, and warnings.

Pillow refuses pictures of more than `2 * Image.MAX_IMAGE_PIXELS`, also while it decodes, and
follows the orientation of a TIFF's XMP. Who uses these classes checks sizes and turns pixels.
The limit itself is left alone: it protects what else the process opens, and threads that set it
for a while would undo each other's changes.
"""

import io
import warnings
from typing import BinaryIO

from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

# Of damaged metadata, which is not read by Pillow. Set once: `warnings.catch_warnings` is not made
# for threads. The last of all filters, so that any other one goes before it.
warnings.filterwarnings(
    "ignore", category=UserWarning, module=r"PIL\.(Tiff|Png)ImagePlugin$", append=True
)


class JpegFile(JpegImageFile):
    """A JPEG file whose EXIF is left alone: for the resolution, Pillow would read it and warn."""

    def getexif(self) -> Image.Exif:
        """Nothing."""
        return Image.Exif()


class TiffFile(TiffImageFile):
    """A TIFF file whose pages, once they are loaded, lie as they are stored."""

    def load_prepare(self) -> None:
        """Take memory for the pixels; Pillow would check their number."""
        if self._im is None:
            # Missing before Pillow 11.1, where the size is always the stored one until here.
            size = getattr(self, "_tile_size", self.size)
            self.im = Image.new(self.mode, size, None).im
        super().load_prepare()

    def load_end(self) -> None:
        """Leave the page as it is; Pillow would turn it."""
        self._size = self.im.size


class WebPFile(WebPImageFile):
    """A WebP file of any size."""

    def __init__(self, file: BinaryIO):
        super().__init__(_HeaderApart(file.read()))


class _HeaderApart(io.BytesIO):
    """A file whose signature is read alone: Pillow would check a size that comes with it."""

    _SIGNATURE = 16

    def read(self, size: int | None = -1) -> bytes:
        """Up to `size` bytes."""
        if self.tell() == 0 and size is not None and size > self._SIGNATURE:
            size = self._SIGNATURE
        return super().read(size)
