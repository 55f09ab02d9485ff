"""What a source of photographs hands over: encoded image files, in three splits."""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

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


def fingerprint(items: Iterable[tuple]) -> str:
    """Hexadecimal digest of tuples of strings and integers (name, size, ...), in their order."""
    digest = hashlib.sha256()
    for item in items:
        digest.update(ascii(item).encode())
    return digest.hexdigest()
