"""Sources of photographs: encoded image files in three splits."""

import hashlib
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

SPLITS = ("train", "validation", "test")


@dataclass(frozen=True)
class Split:
    """A fixed sequence of encoded image files.

    Attributes:
        names: a unique, stable, readable name for each item.
        read: `read(i)` returns the encoded bytes of item i and is thread-safe. Raises `OSError` if
            the file can't be read.
        fingerprint: hexadecimal digest that changes when the files change.
        labels: class of each item, an index into `Source.classes`; None unless all are known.
        upright: whether to turn the photographs as their EXIF orientation says, as the command
            does. True of people's own; data sets are decoded as they are stored, as the reports do.
        color_only: whether to leave out photographs that are gray already (`tf_data.gray`). True of
            people's own to train and validate on; data sets keep theirs, as the reports do.
    """

    names: tuple[str, ...]
    read: Callable[[int], bytes]
    fingerprint: str
    labels: tuple[int, ...] | None = None
    upright: bool = False
    color_only: bool = False

    def __len__(self) -> int:
        return len(self.names)

    def with_gray(self) -> "Split":
        """The same, with the gray ones: what is graded is graded whole."""
        return replace(self, color_only=False)


@dataclass(frozen=True)
class Source:
    """A data set.

    Attributes:
        name: the name used to open it.
        splits: a `Split` for each of "train", "validation" and "test".
        notice: a caveat about numbers from these photographs; empty if there is none.
        classes: sorted names of the classes in `Split.labels`; empty if there are none.
        image_size: side of its photographs in pixels, if they are all squares of one size.
    """

    name: str
    splits: Mapping[str, Split]
    notice: str = ""
    classes: tuple[str, ...] = ()
    image_size: int | None = None


def with_validation_share(source: Source, share: float) -> Source:
    """The source with training and validation images split again; test images are unchanged.

    The UCI report uses half of its training set for validation (sections 2 and 3.3), a share of
    0.5. The choice depends only on the images' names, as in `open_folder`.

    Args:
        source: with at least two training and validation images.
        share: of these images to use for validation, above 0 and below 1; at least one image.

    Raises:
        ValueError: `share` out of range.
    """
    if not 0 < share < 1:
        raise ValueError(f"the share to validate on is {share}, should be above 0 and below 1")
    parts = [source.splits["train"], source.splits["validation"]]
    items = [(split, index) for split in parts for index in range(len(split))]
    count = min(max(1, round(share * len(items))), len(items) - 1)
    ranked = sorted(range(len(items)), key=lambda n: position(items[n][0].names[items[n][1]]))
    chosen = {"train": ranked[:-count], "validation": ranked[-count:]}
    whole = [split.fingerprint for split in parts]
    divided = {
        # In their original order, as on disk.
        name: _subset([items[n] for n in sorted(numbers)], fingerprint([(name, count, *whole)]))
        for name, numbers in chosen.items()
    }
    return replace(source, splits={**source.splits, **divided})


def position(name: str) -> float:
    """Position of a relative path ("a/b.jpg") on the unit interval, from its SHA-256."""
    # macOS may return "é" as two characters while other systems have one.
    digest = hashlib.sha256(unicodedata.normalize("NFC", name).encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def subset(split: Split, rows: Sequence[int], stamp: str) -> Split:
    """Some items of a split, in the order of `rows`.

    Args:
        split, rows: which.
        stamp: what they were chosen by, for the fingerprint.
    """
    return _subset([(split, row) for row in rows], fingerprint([(split.fingerprint, stamp, *rows)]))


def joined(splits: Iterable[Split]) -> Split:
    """The items of several splits, one split after the other."""
    splits = list(splits)
    items = [(split, row) for split in splits for row in range(len(split))]
    return _subset(items, fingerprint([("joined", *(split.fingerprint for split in splits))]))


def _subset(items: list[tuple[Split, int]], stamp: str) -> Split:
    """A split made of items, each given as a split and an index into it."""
    labels = None
    if all(split.labels is not None for split, _ in items):
        labels = tuple(split.labels[index] for split, index in items)

    def read(number: int) -> bytes:
        split, index = items[number]
        return split.read(index)

    names = tuple(split.names[index] for split, index in items)
    upright = any(split.upright for split, _ in items)
    # A mixture with images to grade keeps all.
    return Split(names, read, stamp, labels, upright, all(split.color_only for split, _ in items))


def fingerprint(items: Iterable[tuple]) -> str:
    """Hexadecimal digest of tuples of strings and integers (name, size, ...), in order."""
    digest = hashlib.sha256()
    for item in items:
        digest.update(ascii(item).encode())
    return digest.hexdigest()
