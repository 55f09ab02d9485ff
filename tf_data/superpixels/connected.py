"""Connected components of label images, for whole batches; `keras.ops` code."""

import numpy as np
from keras import ops

# Above, left, right, below.
_NEIGHBORS = [(-1, 0), (0, -1), (0, 1), (1, 0)]
_ABOVE, _LEFT = _NEIGHBORS[:2]


def connected_pieces(labels):
    """Split labels into 4-connected pieces.

    Args:
        labels: int32 `[B, H, W]`, non-negative; H and W known.

    Returns:
        int32 `[B, H, W]`: for each pixel, the number of the first pixel in its piece, row by row.
    """
    _, height, width = labels.shape
    count = height * width
    linked = [
        ops.reshape(_shifted(labels, shift, fill=-1) == labels, (-1, count)) for shift in _NEIGHBORS
    ]
    steps = [dy * width + dx for dy, dx in _NEIGHBORS]

    def spread(pieces):
        # With all pixels in one row a neighbor is a slice away, which XLA vectorizes. At the left
        # and right edges the neighbor is wrong, and `linked` excludes it.
        longer = ops.pad(pieces, [(0, 0), (width, width)])
        for link, step in zip(linked, steps, strict=True):
            other = longer[:, width + step : width + step + count]
            pieces = ops.where(link, ops.minimum(pieces, other), pieces)
        return pieces

    def spread_twice(pieces, _):  # comparing costs as much as a spread
        further = spread(spread(pieces))
        return further, ops.any(further != pieces)

    own = ops.reshape(ops.zeros_like(labels), (-1, count)) + np.arange(count, dtype="int32")
    pieces = ops.while_loop(lambda _, changed: changed, spread_twice, (own, True))[0]
    return ops.reshape(pieces, (-1, height, width))


def join_small_pieces(pieces, image, smallest: int):
    """Merge each small piece into a neighbor, and number the remaining ones.

    A small piece joins the piece to the left of its first pixel or the one above it, whichever
    pixel has the closer color. That piece starts earlier, so following the chain ends at a piece
    that remains, at the latest the one with the image's first pixel, and the result is connected.

    Whole pieces are merged to keep outlines: assigning single pixels to the closest color smooths
    them, which cost 3 to 13 points of boundary recall on BSDS500.

    Args:
        pieces: int32 `[B, H, W]`, from `connected_pieces`.
        image: float32 `[B, H, W, C]`, in a space where distances mean something.
        smallest: size of the smallest remaining piece, in pixels.

    Returns:
        int32 `[B, H, W]`: 0 to n - 1, where n is the image's number of pieces.
    """
    batch, (height, width) = ops.shape(pieces)[0], pieces.shape[1:]
    count = height * width
    first = ops.arange(batch, dtype="int32")[:, None] * count

    def flat(numbers):
        """Pixel numbers within each image to pixel numbers within the batch, `[B * H * W]`."""
        return ops.reshape(ops.reshape(numbers, (-1, count)) + first, (-1,))

    own = flat(pieces)
    sizes = ops.reshape(ops.segment_sum(ops.ones_like(own), own, batch * count), (-1, count))
    # Indexed by piece, whose number is that of a pixel; the first piece always remains.
    remains = ops.logical_or(sizes >= smallest, np.arange(count) == 0)

    to_left, upward = (
        ops.sum(ops.square(_shifted(image, shift, fill=np.inf) - image), axis=-1)
        for shift in (_LEFT, _ABOVE)
    )
    left, above = (_shifted(pieces, shift, fill=0) for shift in (_LEFT, _ABOVE))
    neighbor = ops.where(to_left <= upward, left, above)
    remaining = ops.reshape(remains, (-1, height, width))
    target = flat(ops.where(remaining, pieces, neighbor))

    def follow(target, _):
        further = ops.take(target, target)
        return further, ops.any(further != target)

    target = ops.while_loop(lambda _, changed: changed, follow, (target, True))[0]
    # Only entries at first pixels of pieces are valid and used.
    numbers = ops.cumsum(ops.cast(remains, "int32"), axis=1) - 1
    labels = ops.take(ops.reshape(numbers, (-1,)), ops.take(target, own))
    return ops.reshape(labels, (-1, height, width))


def _shifted(image, shift: tuple[int, int], fill: float):
    """The neighbor of each pixel at an offset; `fill` outside of `[B, H, W, ...]`."""
    (dy, dx), (height, width) = shift, image.shape[1:3]
    more = [(0, 0)] * (len(image.shape) - 3)
    padded = ops.pad(image, [(0, 0), (1, 1), (1, 1), *more], constant_values=fill)
    return padded[:, 1 + dy : 1 + dy + height, 1 + dx : 1 + dx + width]
