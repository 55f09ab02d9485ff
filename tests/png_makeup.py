"""What a PNG file says besides its pixels."""

import struct
import zlib

import numpy as np


def beside_pixels(png: bytes) -> list[tuple[str, bytes]]:
    """All bytes of an RGB file but pixels and the checksums of them.

    Returns:
        Signature; each chunk with its length, type, and checksum, but of IDAT without checksum;
        what zlib adds to the rows but their checksum ("deflate"); and the rows' filters. Each with
        its name.
    """
    found, place, stream = [("signature", png[:8])], 8, b""
    while place < len(png):
        (length,) = struct.unpack_from(">I", png, place)
        kind, end = png[place + 4 : place + 8].decode("ascii"), place + 12 + length
        found.append((kind, png[place : place + 8 if kind == "IDAT" else end]))
        if kind == "IDAT":
            stream += png[place + 8 : end - 4]
        place = end
    assert place == len(png)
    made, rows = _stored(stream)
    (width,) = struct.unpack_from(">I", png, 16)
    filters = np.frombuffer(rows, np.uint8).reshape(-1, 1 + 3 * width)[:, 0]
    return [*found, ("deflate", made), ("filters", filters.tobytes())]


def _stored(stream: bytes) -> tuple[bytes, bytes]:
    """Headers of a zlib stream and blocks (RFC 1950, 1951), all of them stored; and its data."""
    made, data, place, last = stream[:2], b"", 2, 0
    while not last:
        header, length, inverse = struct.unpack_from("<BHH", stream, place)
        # In a stored block that begins at a byte, the other bits of its first byte are 0.
        assert header in (0, 1) and length ^ inverse == 0xFFFF, "its pixels are compressed"
        last = header
        made += stream[place : place + 5]
        data += stream[place + 5 : place + 5 + length]
        place += 5 + length
    assert stream[place:] == struct.pack(">I", zlib.adler32(data)), "more than its pixels"
    return made, data
