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
    """

    names: tuple[str, ...]
    read: Callable[[int], bytes]
    fingerprint: str

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
    """

    name: str
    splits: Mapping[str, Split]
    notice: str = ""


def fingerprint(items: Iterable[tuple]) -> str:
    """Hexadecimal digest of tuples of strings and integers (name, size, ...), in their order."""
    digest = hashlib.sha256()
    for item in items:
        digest.update(ascii(item).encode())
    return digest.hexdigest()
