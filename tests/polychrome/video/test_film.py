"""What is found out about films, and their frames."""

from fractions import Fraction

import av
import numpy as np
import pytest
from films import write_film
from PIL import Image

from polychrome.errors import InputError
from polychrome.video.containers import container_of
from polychrome.video.film import Tags, probe
from polychrome.video.frames import encodable, read_frames


def test_films_are_known_by_their_content(film, tmp_path, gray_frames):
    assert container_of(film()) == "mov"
    assert container_of(film().rename(tmp_path / "film.txt")) == "mov"
    assert container_of(film("film.mkv", sound=False)) == "matroska"
    vp9 = {"codec": "libvpx-vp9", "options": {"cpu-used": "8", "deadline": "realtime"}}
    assert container_of(film("film.webm", gray_frames[:3], **vp9, sound=False)) == "webm"
    for name in ("a.mp4.png", "a.tif", "a.webp", "a.gif", "a.avif"):
        Image.fromarray(gray_frames[0]).convert("RGB").save(tmp_path / name)
        assert container_of(tmp_path / name) is None
    assert container_of(tmp_path / "none") is None
    (tmp_path / "empty").write_bytes(b"")
    assert container_of(tmp_path / "empty") is None


def test_facts_of_a_film(film):
    tags = {"color_primaries": 1, "color_trc": 1, "colorspace": 1, "color_range": 2}
    stamps = [512 * index + 100 * (index % 3) for index in range(40)]
    found = probe(film(rotation=90, tags=tags.items(), stamps=stamps))
    assert (found.width, found.height, found.bits, found.frames) == (64, 48, 8, 40)
    assert (found.first, found.end, found.time_base) == (0, None, Fraction(1, 12800))
    assert found.tags == Tags(primaries=1, transfer=1, matrix=1, range=2)
    assert found.orientation == (1, False) and not found.colored and not found.is_trimmed
    plain = probe(film("plain.mp4"))
    assert plain.tags == Tags(primaries=2, transfer=2, matrix=6, range=1)
    assert plain.display is None and plain.orientation == (0, False)


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuvj420p", "yuv420p10le"])
def test_levels_reach_from_black_to_white(film, pixel_format):
    ramp = np.tile(np.linspace(0, 255, 64).round().astype(np.uint8), (6, 48, 1))
    found = probe(film("ramp.mp4", ramp, pixel_format=pixel_format, options={"crf": "1"}))
    assert found.bits == (10 if "10" in pixel_format else 8)
    for frame in read_frames(found):
        white = 255 if found.bits == 8 else 65535
        assert frame.pixels.dtype == (np.uint8 if found.bits == 8 else np.uint16)
        assert np.abs(frame.pixels * (255 / white) - ramp[0]).max() < 2.5


@pytest.mark.parametrize(
    ("codec", "options"),
    [
        ("libx264", {"g": "7"}),
        ("libx264", {"x264-params": "open-gop=1:keyint=12:bframes=3:b-adapt=0:scenecut=0"}),
        ("libx265", {"x265-params": "open-gop=1:keyint=12:bframes=3:log-level=none"}),
    ],
)
def test_frames_from_any_one_on_are_the_same(film, codec, options):
    found = probe(film(codec=codec, options=options))
    whole = list(read_frames(found))
    assert [frame.stamp for frame in whole] == [512 * index for index in range(40)]
    for after in (0, 6, 7, 10, 11, 12, 25, 38):
        rest = list(read_frames(found, after=512 * after))
        assert [frame.stamp for frame in rest] == [frame.stamp for frame in whole[after + 1 :]]
        np.testing.assert_array_equal(rest[0].pixels, whole[after + 1].pixels)


def test_a_part_between_two_times(film):
    found = probe(film(), 0.4, 1.0)
    stamps = [frame.stamp for frame in read_frames(found)]
    assert stamps == [512 * index for index in range(10, 25)] and found.frames == 15
    with pytest.raises(InputError, match=r"no frame lies between the times, it is 1.60 seconds"):
        probe(film(), 2.0)


@pytest.mark.parametrize("matrix", [1, 6, 9])
@pytest.mark.parametrize("limits", [1, 2])
def test_colors_come_back_from_the_yuv_that_the_tags_say(film, matrix, limits):
    tags = (("colorspace", matrix), ("color_range", limits))
    found = probe(film("tagged.mp4", tags=tags, sound=False))
    rgb = np.zeros((48, 64, 3), np.uint8)
    rgb[:] = [200, 90, 40]
    made = encodable(rgb, found.tags, "yuv420p")
    y, u, v = (int(np.frombuffer(plane, np.uint8)[0]) for plane in made.planes)
    # Rec. ITU-R BT.709, BT.601 and BT.2020: luma weights of red and blue.
    red, blue = {1: (0.2126, 0.0722), 6: (0.299, 0.114), 9: (0.2627, 0.0593)}[matrix]
    luma = red * 200 + (1 - red - blue) * 90 + blue * 40
    chroma = [(40 - luma) / (2 - 2 * blue), (200 - luma) / (2 - 2 * red)]
    steps = (219 / 255, 224 / 255, 16) if limits == 1 else (1.0, 1.0, 0)
    expected = [luma * steps[0] + steps[2], *(128 + each * steps[1] for each in chroma)]
    np.testing.assert_allclose([y, u, v], expected, atol=1.01)
    assert (made.colorspace, made.color_range) == (matrix, limits)


def test_color_of_a_film_is_noticed(film, smooth):
    assert probe(film("colored.mp4", smooth(5, 48, 64))).colored


def test_what_no_output_keeps_is_named(film, tmp_path, gray_frames):
    plain = film("plain.mp4", gray_frames[:5])
    with av.open(str(plain)) as source, av.open(str(tmp_path / "more.mkv"), "w") as target:
        kept = target.add_stream_from_template(source.streams.video[0], opaque=True)
        target.add_attachment("font.ttf", "application/x-truetype-font", b"font")
        for packet in source.demux(source.streams.video[0]):
            if packet.size:
                packet.stream = kept
                target.mux(packet)
    assert probe(tmp_path / "more.mkv").left_out == ("attachment stream",)
    frame = av.VideoFrame.from_ndarray(np.full((48, 64, 4), 128, np.uint8), format="rgba")
    with av.open(str(tmp_path / "title.mov"), "w") as target:
        stream = target.add_stream("png", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "rgba"
        target.mux([*stream.encode(frame), *stream.encode(None)])
    assert probe(tmp_path / "title.mov").left_out == ("transparency",)


CUT = {
    "moov in front": ("film.mp4", {"container_options": {"movflags": "faststart"}}),
    "moov at the end": ("film.mov", {}),
    "fragments": ("film.mp4", {"container_options": {"movflags": "frag_keyframe+empty_moov"}}),
    "matroska": ("film.mkv", {}),
    "matroska, live": ("film.mkv", {"container_options": {"live": "1"}}),
}


@pytest.mark.parametrize("kind", CUT)
def test_films_without_their_last_bytes_are_refused(film, kind):
    name, options = CUT[kind]
    path = film(name, **options)
    data = path.read_bytes()
    assert probe(path).frames == 40
    for left in (len(data) - 1000, len(data) // 2):
        path.write_bytes(data[:left])
        with pytest.raises(InputError, match=rf"is truncated: it has {left:,} of [0-9,]+ bytes"):
            probe(path)


def test_what_comes_after_a_film_does_not_matter(film):
    path = film(container_options={"movflags": "faststart"})
    path.write_bytes(path.read_bytes() + b"\xff" * 100)
    assert probe(path).frames == 40


def test_a_film_whose_index_points_beyond_its_end_is_refused(film):
    """Its outermost boxes are whole: the last one is for the packets, shorter than they are."""
    path = film(container_options={"movflags": "faststart"}, sound=False)
    data = path.read_bytes()
    place = data.index(b"mdat")
    length = int.from_bytes(data[place - 4 : place], "big") - 50
    path.write_bytes(data[: place - 4] + length.to_bytes(4, "big") + data[place:-50])
    with pytest.raises(InputError, match="is truncated, or damaged: a packet is not whole"):
        probe(path)


def test_the_shape_of_pixels_may_be_known_to_the_container_alone(film, tmp_path, gray_frames):
    path, wide = film(frames=gray_frames[:2], sound=False), tmp_path / "wide.mp4"
    with av.open(str(path)) as source, av.open(str(wide), "w") as target:
        made = target.add_stream_from_template(source.streams.video[0], opaque=True)
        made.codec_context.sample_aspect_ratio = Fraction(4, 3)
        for packet in source.demux():
            if packet.size:
                packet.stream = made
                target.mux(packet)
    with av.open(str(wide)) as source:
        assert source.streams.video[0].codec_context.sample_aspect_ratio is None
    assert probe(path).aspect is None and probe(wide).aspect == Fraction(4, 3)


def test_an_encrypted_track_of_matroska_is_named_so(film, tmp_path, gray_frames):
    path, secret = film(frames=gray_frames[:2], sound=False), tmp_path / "secret.mkv"
    with av.open(str(path)) as source, av.open(str(secret), "w") as target:
        made = target.add_stream_from_template(source.streams.video[0], opaque=True)
        made.metadata["title"] = "x" * 18
        for packet in source.demux():
            if packet.size:
                packet.stream = made
                target.mux(packet)
    # In place of the title, ContentEncodings: AES, with the key AA.
    title = b"\x53\x6e\x92" + b"x" * 18
    encodings = bytes.fromhex("6d809262408f5033810150358847e1810547e281aa")
    data = secret.read_bytes()
    assert probe(secret).frames == 2 and data.count(title) == 1 and len(title) == len(encodings)
    secret.write_bytes(data.replace(title, encodings))
    with pytest.raises(InputError, match="is encrypted; decrypt it first"):
        probe(secret)


def test_high_dynamic_range_is_refused(film):
    with pytest.raises(InputError, match=r"has high dynamic range \(PQ\); convert it to BT.709"):
        probe(film(tags=[("color_trc", 16)]))


def test_frames_that_change_size_are_refused(tmp_path, gray_frames):
    """Two films after one another as raw H.264 have parameters that change midway."""
    one = write_film(tmp_path / "one.mp4", gray_frames[:8], sound=False)
    other = write_film(tmp_path / "other.mp4", gray_frames[:8, :32, :32], sound=False)
    joined = tmp_path / "joined.mkv"
    with av.open(str(joined), "w") as target, av.open(str(one)) as first:
        made = target.add_stream_from_template(first.streams.video[0], opaque=True)
        for start, path in ((0, one), (8 * 512, other)):
            with av.open(str(path)) as source:
                stream = source.streams.video[0]
                parameters = bytes(stream.codec_context.extradata)
                for packet in source.demux(stream):
                    if packet.size:
                        whole = av.Packet(_parameter_sets(parameters) + bytes(packet))
                        whole.pts, whole.dts = packet.pts + start, packet.dts + start
                        whole.time_base, whole.stream = packet.time_base, made
                        whole.is_keyframe = packet.is_keyframe
                        target.mux(whole)
    with pytest.raises(InputError, match="its frames change size, from 64x48 to 32x32"):
        list(read_frames(probe(joined)))


def _parameter_sets(avcc):
    """SPS and PPS of an avcC box, each after its length in four bytes, as packets have units."""
    units, place = b"", 5
    for mask in (0x1F, 0xFF):
        count, place = avcc[place] & mask, place + 1
        for _ in range(count):
            length = int.from_bytes(avcc[place : place + 2], "big")
            units += length.to_bytes(4, "big") + avcc[place + 2 : place + 2 + length]
            place += 2 + length
    return units
