"""What a source of photographs hands over: encoded image files, in three splits."""

import hashlib
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

SPLITS = ("train", "validation", "test")


@dataclass(frozen=True)
class Split:
    """A fixed sequence of encoded image files.

    Attributes:
        names: one unique, stable name an item, as shown to people.
        read: `read(i)` gives the encoded bytes of item i. Any number of threads may call it.
            Raises `OSError` where the file can't be read.
        fingerprint: hexadecimal digest that changes when the files change.
        labels: class of each item, an index into `Source.classes`; None where the source does not
            know every one.
    """

    names: tuple[str, ...]
    read: Callable[[int], bytes]
    fingerprint: str
    labels: tuple[int, ...] | None = None

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True)
class Source:
    """A data set.

    Attributes:
        name: the name it is opened by.
        splits: a `Split` for each of "train", "validation" and "test".
        notice: what a person must know before trusting numbers from these photographs; empty
            where there is nothing to say.
        classes: names of the classes that `Split.labels` counts, sorted; empty where the source
            knows none.
        image_size: side of its square photographs in pixels, where they are all of one size.
    """

    name: str
    splits: Mapping[str, Split]
    notice: str = ""
    classes: tuple[str, ...] = ()
    image_size: int | None = None


def with_validation_share(source: Source, share: float) -> Source:
    """The source with its training and validation images divided anew; the test images stay.

    The UCI report splits its training set into halves, one to validate on (sections 2 and 3.3): a
    share of 0.5. Which images those are follows from their names alone, as in `open_folder`.

    Args:
        source: with two images at least to train and validate on.
        share: of these images to validate on, above 0 and below 1; one image at least.

    Raises:
        ValueError: another share.
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
        # In their first order, which is that on disk.
        name: _subset([items[n] for n in sorted(numbers)], fingerprint([(name, count, *whole)]))
        for name, numbers in chosen.items()
    }
    return replace(source, splits={**source.splits, **divided})


def position(name: str) -> float:
    """Place of a relative path ("a/b.jpg") on the unit interval: the head of its SHA-256."""
    # macOS may hand out "é" as two characters where the same file elsewhere has one.
    digest = hashlib.sha256(unicodedata.normalize("NFC", name).encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def _subset(items: list[tuple[Split, int]], stamp: str) -> Split:
    """Some items, each a split and an index into it, as a split of their own."""
    labels = None
    if all(split.labels is not None for split, _ in items):
        labels = tuple(split.labels[index] for split, index in items)

    def read(number: int) -> bytes:
        split, index = items[number]
        return split.read(index)

    return Split(tuple(split.names[index] for split, index in items), read, stamp, labels)


def fingerprint(items: Iterable[tuple]) -> str:
    """Hexadecimal digest of tuples of strings and integers (name, size, ...), in their order."""
    digest = hashlib.sha256()
    for item in items:
        digest.update(ascii(item).encode())
    return digest.hexdigest()
