"""XMP packets that say which network added color, parsed by ElementTree."""

import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from PIL import Image

from polychrome.photographs.photograph import Metadata, Photograph
from polychrome.photographs.saving import FORMATS, save_photograph

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
IPTC = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
XMP = "{http://ns.adobe.com/xap/1.0/}"
TIFF = "{http://ns.adobe.com/tiff/1.0/}"
# https://cv.iptc.org/newscodes/digitalsourcetype
SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"

START = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
RDF_START = '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
EXT = 'xmlns:ext="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
RICH = f"""{START}
<!-- kept: > and "quotes" -->
<x:xmpmeta xmlns:x='adobe:ns:meta/' x:xmptk='Scanner 1.0'>
 {RDF_START}>
  <r:Description r:about="uuid:1954" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:own="https://example.org/archive/" {EXT}
    xmp:CreatorTool="Scan &amp; Tell" own:note=' ext:AISystemUsed="no" '
    ext:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/negativeFilm" own:box="7">
   <own:shelf r:parseType="Resource"><ext:AISystemUsed>inner</ext:AISystemUsed></own:shelf>
   <ext:AISystemUsed>older
   network</ext:AISystemUsed><own:text xml:lang="de"><![CDATA[<Großmutter>]]></own:text>
  </r:Description>
 </r:RDF>
</x:xmpmeta>
{" " * 40}
<?xpacket end="w"?>"""


def saved(tmp_path, packet, disclosure="siggraph17", format="png"):
    """The packet in the file, and what was lost."""
    rgb = np.zeros((3, 4, 3), np.uint8)
    xmp = packet.encode() if isinstance(packet, str) else packet
    path = tmp_path / f"a{FORMATS[format][0]}"
    photograph = Photograph(rgb, metadata=Metadata(xmp=xmp))
    lost = save_photograph(path, rgb, photograph, disclosure=disclosure)
    with Image.open(path) as image:
        return image.info.get("xmp"), lost


def values(packet, name):
    """What a packet's descriptions say by this name, as attributes and as elements."""
    root = ElementTree.fromstring(packet)
    rdf = root if root.tag == f"{RDF}RDF" else root.find(f"{RDF}RDF")
    found = []
    for description in rdf:
        found += [description.get(name)] if name in description.attrib else []
        found += [child.text for child in description.findall(name)]
    return found


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_names_the_network_and_the_kind_of_source(tmp_path, format):
    packet, lost = saved(tmp_path, None, "photo", format)
    assert lost == ()
    assert values(packet, f"{IPTC}DigitalSourceType") == [SOURCE]
    assert values(packet, f"{IPTC}AISystemUsed") == ["photo"]
    assert values(packet, f"{XMP}CreatorTool") == []
    assert b"Iptc4xmpExt:AISystemUsed" in packet  # readers know this prefix
    assert packet.startswith(START.encode()) and packet.endswith(b'<?xpacket end="w"?>')


@pytest.mark.parametrize("packet", [RICH, "this is no XML", "", START])
@pytest.mark.parametrize("format", FORMATS)
def test_without_a_network_to_name_the_packet_stays_as_it_is(tmp_path, packet, format):
    found, lost = saved(tmp_path, packet, None, format)
    assert found == (packet.encode() or None)
    assert lost == ()


def test_only_the_two_properties_change_in_a_packet(tmp_path):
    packet, lost = saved(tmp_path, RICH)
    assert lost == ()
    assert values(packet, f"{IPTC}DigitalSourceType") == [SOURCE]
    assert values(packet, f"{IPTC}AISystemUsed") == ["siggraph17"]
    assert values(packet, f"{XMP}CreatorTool") == ["Scan & Tell"]
    root = ElementTree.fromstring(packet)
    assert {node.get(f"{RDF}about") for node in root[0]} == {"uuid:1954"}
    # Byte for byte what it was, but for what is gone and what is new.
    text = packet.decode()
    new = text[text.index("<rdf:Description") : text.index("</rdf:Description>") + 19]
    gone = (
        '\n    ext:DigitalSourceType="http://cv.iptc.org/newscodes/digitalsourcetype/negativeFilm"',
        "<ext:AISystemUsed>older\n   network</ext:AISystemUsed>",
    )
    expected = RICH
    for part in gone:
        expected = expected.replace(part, "")
    assert text.replace(new, "") == expected


def test_a_second_network_takes_the_place_of_the_first(tmp_path):
    first, _ = saved(tmp_path, RICH, "eccv16")
    second, _ = saved(tmp_path, first, "siggraph17")
    direct, _ = saved(tmp_path, RICH, "siggraph17")
    for name in ("DigitalSourceType", "AISystemUsed"):
        assert values(second, IPTC + name) == values(direct, IPTC + name)


@pytest.mark.parametrize(
    "body",
    [
        f"{RDF_START}/>",
        f"{RDF_START} />",
        f"{RDF_START}></r:RDF >",
        f'{RDF_START}><r:Description r:about=""/></r:RDF>',
        f"{RDF_START}><r:Description {EXT} ext:AISystemUsed='a > b'/></r:RDF>",
        f"{RDF_START}><r:Description {EXT}><ext:AISystemUsed r:resource='a>b' /></r:Description>"
        "</r:RDF>",
        f"{RDF_START}><r:Description {EXT}><ext:AISystemUsed\n></ext:AISystemUsed\n>"
        "</r:Description></r:RDF>",
        '<RDF xmlns="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>',
    ],
)
@pytest.mark.parametrize("before", ["", "\ufeff", START, '<?xml version="1.0"?>'])
@pytest.mark.parametrize("after", ["", "\0\0", "\n  <?xpacket end='r'?>\n\0"])
def test_packets_of_many_shapes_are_merged(tmp_path, body, before, after):
    packet, lost = saved(tmp_path, before + body + after)
    assert lost == ()
    assert values(packet, f"{IPTC}AISystemUsed") == ["siggraph17"]
    assert values(packet, f"{IPTC}DigitalSourceType") == [SOURCE]
    assert packet.startswith(before.encode())


@pytest.mark.parametrize(
    "packet",
    [
        "this is no XML",
        RICH[:-300],
        START,
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'/>",
        RICH.encode("utf-16"),
        RICH.encode("latin-1", "replace"),
        f"{RDF_START}><r:Description unknown:a='b'/></r:RDF>",
        f"<!DOCTYPE r:RDF>{RDF_START}/>",
        '<!DOCTYPE a [<!ENTITY x "xxxxxxxx">'
        + "".join(f'<!ENTITY x{n} "{f"&x{n - 1};" * 10}">' for n in range(1, 30)).replace(
            "&x0;", "&x;"
        )
        + f"]>{RDF_START}><r:Description>&x29;</r:Description></r:RDF>",
        '<!DOCTYPE a [<!ENTITY file SYSTEM "file:///etc/hostname">]>'
        f"{RDF_START}><r:Description>&file;</r:Description></r:RDF>",
    ],
)
def test_a_broken_packet_is_replaced_and_told(tmp_path, packet):
    found, lost = saved(tmp_path, packet)
    assert lost == ("broken XMP",)
    fresh, _ = saved(tmp_path, None)
    assert found == fresh


def test_any_name_of_a_network_is_told_as_it_is(tmp_path):
    name = "Großmutters <\"bestes\"> & 'letztes'\x00\x1b modèle \udcff"
    packet, lost = saved(tmp_path, None, name)
    (found,) = values(packet, f"{IPTC}AISystemUsed")
    assert found == name.replace("\x00\x1b", "").replace("\udcff", "")
    assert lost == ()


def test_a_packet_too_long_for_jpeg_gives_way_to_what_must_be_said(tmp_path):
    long = RICH.replace(" " * 40, " " * 65_600)
    packet, lost = saved(tmp_path, long, format="jpeg")
    assert lost == ("XMP of more than 64 KB",)
    assert packet == saved(tmp_path, None)[0]
    assert saved(tmp_path, long, None, "jpeg") == (None, ("XMP of more than 64 KB",))


@pytest.mark.parametrize("disclosure", [None, "photo"])
@pytest.mark.parametrize(
    "turned",
    [
        f'{RDF_START}><r:Description xmlns:t="{TIFF[1:-1]}" t:Orientation="6" t:Make="a"/></r:RDF>',
        f'{RDF_START}><r:Description xmlns:t="{TIFF[1:-1]}" t:Make="a"><t:Orientation>6'
        "</t:Orientation></r:Description></r:RDF>",
    ],
)
def test_an_orientation_in_a_packet_does_not_turn_upright_pixels(tmp_path, turned, disclosure):
    packet, _ = saved(tmp_path, turned, disclosure)
    assert values(packet, f"{TIFF}Orientation") == ["1"]
    assert values(packet, f"{TIFF}Make") == ["a"]
    right = turned.replace("6", "1")
    assert saved(tmp_path, right, None) == (right.encode(), ())


def test_any_change_of_bytes_gives_a_packet_that_names_the_network(tmp_path):
    random = np.random.default_rng(0)
    kept = 0
    for number in range(300):
        changed = bytearray(RICH.encode())
        for at in random.integers(0, len(changed), 1 + number % 3):
            changed[at] = random.integers(32, 125)  # ElementTree takes no } in namespaces
        packet, lost = saved(tmp_path, bytes(changed))
        kept += not lost
        assert values(packet, f"{IPTC}AISystemUsed")[-1] == "siggraph17"
        assert values(packet, f"{IPTC}DigitalSourceType")[-1] == SOURCE
    assert 0 < kept < 300
