"""XMP packets: properties set in place, with every other byte of the packet as it was.

The packet is read by Expat, which says where each element begins; only what changes is cut out or
put in. So prefixes, comments, unknown namespaces, and white space stay.
"""

import contextlib
import re
import xml.parsers.expat
from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape, quoteattr

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_IPTC = ("Iptc4xmpExt", "http://iptc.org/std/Iptc4xmpExt/2008-02-29/")
_ORIENTATION = "http://ns.adobe.com/tiff/1.0/ Orientation"
# IPTC's code for a picture that is partly made by a trained network.
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"

_EMPTY = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
    f'<x:xmpmeta xmlns:x="adobe:ns:meta/">\n<rdf:RDF xmlns:rdf="{_RDF}">\n'
    '</rdf:RDF>\n</x:xmpmeta>\n<?xpacket end="w"?>'
).encode()
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ATTRIBUTE = rb"\s+([^\s=]+)\s*=\s*(\"[^\"]*\"|'[^']*')"
_START_TAG = re.compile(rb"<[^\s/>]+(?:" + _ATTRIBUTE + rb")*\s*/?>")
_ORIENTATION_IN_TEXT = re.compile(rb"(\btiff:Orientation(?:\s*=\s*[\"']|>)\s*)\d+")

# (prefix, namespace, name) -> value.
_Properties = Mapping[tuple[str, str, str], str]


class _Broken(ValueError):
    """Not a packet of XMP in UTF-8, or one with a document type, which could hold entity bombs."""


def disclosed(packet: bytes | None, model: str) -> tuple[bytes, bool]:
    """Say in a packet that a trained network added color.

    Sets `DigitalSourceType` and `AISystemUsed` as the IPTC Photo Metadata Standard 2025.1 names
    them, and replaces earlier values of these two.

    Args:
        packet: XMP in UTF-8; None makes one.
        model: name of the network.

    Returns:
        The packet, and whether what was in the old one is kept: a broken one is replaced.
    """
    properties = {
        (*_IPTC, "DigitalSourceType"): SOURCE_TYPE,
        (*_IPTC, "AISystemUsed"): model,
    }
    try:
        return _with_properties(packet or _EMPTY, properties), True
    except _Broken:
        return _with_properties(_EMPTY, properties), False


def upright(packet: bytes) -> bytes:
    """Set the orientation to 1 where a packet names one; all else stays as it is."""
    with contextlib.suppress(_Broken):
        spans = _Packet(packet, {_ORIENTATION}).values
        packet = _replaced(packet, [(*span, b"1") for span in spans])
    # Pillow, for one, turns pictures by this text wherever it stands, even in a broken packet.
    return _ORIENTATION_IN_TEXT.sub(rb"\g<1>1", packet)


def _with_properties(packet: bytes, properties: _Properties) -> bytes:
    """The packet with these properties, in place of those of the same names.

    Raises:
        _Broken: it cannot be read.
    """
    found = _Packet(packet, {f"{space} {name}" for _, space, name in properties})
    spaces = "".join(
        f" xmlns:{prefix}={quoteattr(space)}"
        for prefix, space in dict.fromkeys(key[:2] for key in properties)
    )
    lines = "".join(
        f"  <{prefix}:{name}>{escape(_NOT_XML.sub('', value))}</{prefix}:{name}>\n"
        for (prefix, _, name), value in properties.items()
    )
    # All descriptions of a packet must be about the same thing.
    about = quoteattr(found.about)
    description = (
        f'<rdf:Description xmlns:rdf="{_RDF}"{spaces} rdf:about={about}>\n{lines}'
        "</rdf:Description>\n"
    )
    return found.edited(description.encode())


def _replaced(data: bytes, parts: Iterable[tuple[int, int, bytes]]) -> bytes:
    """The data with other bytes from starts to stops, which do not overlap."""
    pieces, place = [], 0
    for start, stop, new in sorted(parts):
        pieces += [data[place:start], new]
        place = stop
    return b"".join([*pieces, data[place:]])


class _Packet:
    """Where the properties of certain names are.

    Args:
        data: a packet.
        names: "namespace name" of each property.

    Attributes:
        values: where what the properties say begins and ends; not of elements without content.
        about: what the first description is about.

    Raises:
        _Broken: it cannot be read.
    """

    def __init__(self, data: bytes, names: set[str]):
        self.values: list[tuple[int, int]] = []
        self.about = ""
        # Some writers fill up the space that they reserved with zeros, which are not XML.
        self._data = data.rstrip(b"\0 \t\r\n")
        self._names = names
        self._cuts: list[tuple[int, int]] = []
        self._end: tuple[int, bool] | None = None
        self._stack: list[tuple[str, int]] = []
        self._rdf_depth = 0
        self._parser = parser = xml.parsers.expat.ParserCreate("UTF-8", " ")
        parser.namespace_prefixes = True
        parser.ordered_attributes = True
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._stop
        try:
            parser.Parse(self._data, True)
        except xml.parsers.expat.ExpatError as error:
            raise _Broken(str(error)) from error
        if self._end is None:
            raise _Broken("no RDF")

    def edited(self, description: bytes) -> bytes:
        """The packet without the properties found, and with one description more at the end."""
        assert self._end is not None
        at, is_empty = self._end
        if is_empty:
            tag = self._start_tag(at)
            name = tag[1:].split(None, 1)[0].removesuffix(b"/>")
            body = tag.removesuffix(b"/>") + b">" + description + b"</" + name + b">"
            return self._data[:at] + body + self._data[at + len(tag) :]
        cuts = [(start, stop, b"") for start, stop in self._cuts]
        return _replaced(self._data, [*cuts, (at, at, description)])

    def _refuse(self, *_: object) -> None:
        raise _Broken("document type")

    def _start_tag(self, at: int) -> bytes:
        match = _START_TAG.match(self._data, at)
        if match is None:
            raise _Broken("start tag")
        return match.group()

    def _start(self, name: str, attributes: list[str]) -> None:
        self._stack.append((name, self._parser.CurrentByteIndex))
        depth = len(self._stack)
        name = " ".join(name.split(" ")[:2])
        if not self._rdf_depth and self._end is None and name == f"{_RDF} RDF":
            self._rdf_depth = depth
        elif self._rdf_depth and depth == self._rdf_depth + 1:
            self._start_description(attributes)

    def _start_description(self, attributes: list[str]) -> None:
        at = self._stack[-1][1]
        for name, value in zip(attributes[::2], attributes[1::2], strict=True):
            space, _, rest = name.partition(" ")
            local, _, prefix = rest.partition(" ")
            if f"{space} {local}" in self._names:
                tag, qualified = self._start_tag(at), f"{prefix}:{local}".encode()
                for match in re.finditer(_ATTRIBUTE, tag):
                    if match.group(1) == qualified:
                        self._cuts.append((at + match.start(), at + match.end()))
                        # Without its quotes.
                        self.values.append((at + match.start(2) + 1, at + match.end(2) - 1))
            elif (space, local) == (_RDF, "about"):
                self.about = self.about or value

    def _is_property(self) -> bool:
        """Whether the innermost element is a property of a name asked for."""
        name = " ".join(self._stack[-1][0].split(" ")[:2])
        inside = bool(self._rdf_depth) and len(self._stack) == self._rdf_depth + 2
        return inside and name in self._names

    def _stop(self, name: str) -> None:
        at, start = self._parser.CurrentByteIndex, self._stack[-1][1]
        is_property, is_rdf = self._is_property(), self._rdf_depth == len(self._stack)
        if is_property or is_rdf:
            tag = self._start_tag(start)
            is_empty = tag.endswith(b"/>")
            if is_property:
                stop = start + len(tag) if is_empty else self._data.index(b">", at) + 1
                self._cuts.append((start, stop))
                if not is_empty:
                    self.values.append((start + len(tag), at))
            else:
                self._end = (start if is_empty else at, is_empty)
                self._rdf_depth = 0
        self._stack.pop()
