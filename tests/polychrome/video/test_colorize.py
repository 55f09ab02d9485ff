"""Whole films: what the output keeps of the input, and what its colors are."""

import os
from fractions import Fraction

import av
import numpy as np
import pytest
from films import content

import polychrome.video.colorize as whole
from polychrome.errors import InputError
from polychrome.video.coloring import Settings
from polychrome.video.colorize import colorize_film
from polychrome.video.film import probe
from polychrome.video.joining import fitting

VP9 = {"codec": "libvpx-vp9", "options": {"cpu-used": "8", "deadline": "realtime", "crf": "10"}}
BT709 = [("colorspace", 1), ("color_primaries", 1), ("color_trc", 1)]
_ENDS = ("start", "end")
IN_MKV = {"time_base": Fraction(1, 1000)}
KINDS = {
    "mp4": ("film.mp4", {"subtitles": "mov_text", "rotation": 90}),
    "mov, 10 bits": ("film.mov", {"pixel_format": "yuv420p10le", "sound": False, "tags": BT709}),
    "mkv, odd": ("film.mkv", {"subtitles": "subrip", "pixel_format": "yuv444p", **IN_MKV}),
    "webm": ("film.webm", {**IN_MKV, **VP9}),
}


def made(colorizer, path, *times, **options):
    """The content of a film and of its output, which is beside it alone at the end."""
    before = set(path.parent.iterdir())
    output = path.with_name(f"{path.stem}.color{path.suffix}")
    colorize_film(probe(path, *times), output, colorizer, **options)
    assert set(path.parent.iterdir()) == before | {output}
    return content(path), content(output)


@pytest.mark.parametrize("kind", KINDS)
def test_all_but_the_colors_is_kept(film, colorizer, gray_frames, kind):
    name, options = KINDS[kind]
    frames = gray_frames[:, :45, :59] if "odd" in kind else gray_frames
    before, after = made(colorizer, film(name, frames, **options))
    assert after.times == before.times and len(after.times) == 40
    assert after.packets == before.packets
    kept = {"audio": options.get("sound", True), "subtitle": "subtitles" in options}
    assert set(after.packets) == {name for name, is_there in kept.items() if is_there}
    assert after.facts["rotation"] == before.facts["rotation"] == options.get("rotation", 0)
    for found, given in zip(after.facts["tags"], before.facts["tags"], strict=True):
        assert found == given or given in (0, 2)
    assert after.facts["bits"] == before.facts["bits"]
    assert after.facts["time_base"] == before.facts["time_base"]
    assert (
        "polychrome, light" in {k.lower(): v for k, v in after.facts["metadata"].items()}["comment"]
    )
    assert before.rgb.shape == after.rgb.shape
    assert np.ptp(after.rgb.astype(int), axis=-1).mean() > 10


def test_uneven_times_are_kept(film, colorizer):
    stamps = np.cumsum(np.random.default_rng(0).integers(200, 3000, 40)).tolist()
    # Otherwise FFmpeg rounds the first one to milliseconds.
    exact = {"movie_timescale": "12800"}
    before, after = made(colorizer, film(stamps=stamps, container_options=exact))
    assert after.times == before.times == [Fraction(stamp, 12800) for stamp in stamps]
    assert after.packets == before.packets


def test_frames_are_colored_as_photographs_are(film, colorizer):
    path = film(sound=False)
    before, after = made(colorizer, path, settings=Settings(is_steady=False))
    for gray, rgb in zip(before.gray[::7], after.rgb[::7], strict=True):
        expected = colorizer.colorize(gray)
        # H.264 keeps chroma at half resolution.
        assert np.abs(rgb.astype(int) - expected).mean() < 6.0
        assert np.ptp(expected.astype(int), axis=-1).mean() > 10.0


def test_upright_frames_are_shown_to_the_network(film, gray_frames):
    """A film that is stored lying gets the colors of the same film stored upright."""

    class Top:
        """Colors the upper half of what it sees; instead of a network, none of which knows up."""

        card = {"name": "top", "image_size": 16, "outputs": ["ab"]}

        def predict(self, lightness):
            from polychrome.inference.types import Prediction

            ab = np.zeros((*lightness.shape[:3], 2), np.float32)
            ab[:, : ab.shape[1] // 2] = 40.0
            return Prediction(ab)

    lying = np.ascontiguousarray(np.rot90(gray_frames, -1, axes=(1, 2)))
    _, after = made(Top(), film("lying.mp4", lying, rotation=90, sound=False))
    upright = np.rot90(after.rgb[10].astype(int), after.facts["rotation"] // 90)
    colored = np.ptp(upright, axis=-1)
    assert colored[:16].mean() > 20 and colored[-16:].mean() < 5


def test_webm_of_10_bits_is_written_in_those_that_the_encoder_has(film, colorizer, gray_frames):
    deep = {"codec": "libsvtav1", "pixel_format": "yuv420p10le", "options": {"preset": "12"}}
    path = film("film.webm", gray_frames[:12], sound=False, **IN_MKV, **deep)
    # The tests after this one share their cores as before.
    assert not hasattr(os, "sched_getscheduler") or os.sched_getscheduler(0) == os.SCHED_OTHER
    found = probe(path)
    assert (found.container, found.bits) == ("webm", 10)
    before, after = made(colorizer, path)
    assert after.times == before.times
    assert np.ptp(after.rgb.astype(int), axis=-1).mean() > 10
    takes_10 = any(each.name == "yuv420p10le" for each in av.Codec("libvpx-vp9", "w").video_formats)
    assert after.facts["bits"] == (10 if takes_10 else 8)
    said = fitting(found, path.with_name("film.color.webm")).left_out
    assert said == (() if takes_10 else ("10 bits, of which VP9's encoder here writes 8",))


def test_a_part_starts_at_zero_with_its_sound(film, colorizer):
    path = film(subtitles="mov_text")
    before, after = made(colorizer, path, 0.4, 1.2)
    assert after.times == [Fraction(index, 25) for index in range(20)]
    np.testing.assert_allclose(after.gray.mean((1, 2)), before.gray[10:30].mean((1, 2)), atol=5)
    for kind, packets in after.packets.items():
        given = {bytes: time for bytes, time, _ in before.packets[kind]}
        assert len(packets) > 3
        for data, time, _ in packets:
            if data == b"\0\0":  # between subtitles
                continue
            assert abs(float(given[data] - time) - 0.4) < 1e-3
            assert 0 <= time < 0.8


def test_a_part_without_an_end_keeps_the_sound_to_its_end(film, colorizer):
    before, after = made(colorizer, film(subtitles="mov_text"), 1.0)
    assert len(after.times) == 15
    for kind, packets in after.packets.items():
        assert packets[-1][0] == before.packets[kind][-1][0], kind
    # The last frame is shown until then; it used to be cut off at its beginning.
    assert after.packets["audio"][-1][1] > after.times[-1]


@pytest.mark.parametrize(("name", "codec"), [("film.mp4", "mov_text"), ("film.mkv", "subrip")])
def test_a_subtitle_that_is_on_screen_at_the_start_is_kept(film, colorizer, name, codec):
    """Those of the film are shown from 0.2 to 0.35 seconds, from 0.4 to 0.55, and so on."""
    path = film(name, subtitles=codec, **(IN_MKV if "mkv" in name else {}))
    _, after = made(colorizer, path, 0.28, 0.6)
    shown = [(data, float(time)) for data, time, _ in after.packets["subtitle"] if len(data) > 2]
    assert [data[-6:] for data, _ in shown] == [b"line 1", b"line 2"]
    np.testing.assert_allclose([time for _, time in shown], [0.0, 0.12], atol=1e-3)
    with av.open(str(path.with_name(f"film.color{path.suffix}"))) as source:
        packets = [each for each in source.demux(source.streams.subtitles[0]) if each.size > 2]
        seconds = [float(each.duration * each.time_base) for each in packets]
    np.testing.assert_allclose(seconds, [0.07, 0.15], atol=1e-3)


@pytest.mark.parametrize("name", ["film.mp4", "film.mkv"])
def test_chapters_are_kept_and_those_of_a_part_go_with_it(film, colorizer, name):
    path = film(f"plain.{name[-3:]}", sound=False, **(IN_MKV if "mkv" in name else {}))
    whole = path.with_name(name)
    with av.open(str(path)) as source, av.open(str(whole), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0], opaque=True)
        target.set_chapters(
            [
                {"id": i, "start": i * 500, "end": i * 500 + 500, "time_base": Fraction(1, 1000)}
                | {"metadata": {"title": f"part {i}"}}
                for i in range(3)
            ]
        )
        for packet in source.demux():
            if packet.size:
                packet.stream = stream
                target.mux(packet)

    def chapters(*times):
        made(colorizer, whole, *times)
        output = whole.with_name(f"film.color{whole.suffix}")
        with av.open(str(output)) as source:
            found = [
                (each["metadata"]["title"], *(each[key] * each["time_base"] for key in _ENDS))
                for each in source.chapters()
            ]
        output.unlink()
        return [(title, float(start), float(end)) for title, start, end in found]

    assert chapters() == [("part 0", 0.0, 0.5), ("part 1", 0.5, 1.0), ("part 2", 1.0, 1.5)]
    assert chapters(0.6, 1.2) == [("part 1", 0.0, 0.4), ("part 2", 0.4, 0.6)]
    # What MP4 keeps them in is no data that is lost.
    assert probe(whole).left_out == ()


def test_disclosure_can_be_left_out(film, colorizer):
    _, after = made(colorizer, film(sound=False), disclosed=False)
    assert "comment" not in after.facts["metadata"]


def test_progress_counts_every_frame(film, colorizer):
    counted = []
    made(colorizer, film(sound=False), progress=counted.append)
    assert sum(counted) == 40


class Stop(Exception):
    """Stands for what ends a run from outside."""


def stopped_after(frames):
    """A progress that stops the run, even while a part is written."""
    left = frames

    def progress(count):
        nonlocal left
        left -= count
        if left < 0:
            raise Stop

    return progress


@pytest.mark.parametrize(("least", "most"), [(24, 240), (1, 16)], ids=["shots", "within a shot"])
def test_a_stopped_run_goes_on_and_gives_the_same_bytes(
    film, colorizer, monkeypatch, gray_frames, least, most
):
    monkeypatch.setattr(whole, "LEAST", least)
    monkeypatch.setattr(whole, "MOST", most)
    longer = np.concatenate([gray_frames, gray_frames[:20], gray_frames[:20][::-1]])
    path = film(frames=longer)
    found = probe(path)
    colorize_film(found, path.with_name("whole.mp4"), colorizer)
    output = path.with_name("output.mp4")
    done = 0
    for frames in (10, 45):
        with pytest.raises(Stop):
            colorize_film(found, output, colorizer, progress=stopped_after(frames))
        assert not output.exists()
        finished = list(path.with_name("output.mp4.parts").glob("*.npz"))
        assert len(finished) >= done
        done = len(finished)
    assert done >= 1
    counted = []
    colorize_film(found, output, colorizer, progress=counted.append)
    assert counted[0] > 0 and sum(counted) == 80
    assert output.read_bytes() == path.with_name("whole.mp4").read_bytes()
    assert {each.name for each in path.parent.iterdir()} == {"film.mp4", "whole.mp4", "output.mp4"}


def test_parts_of_other_settings_are_made_again(film, colorizer):
    path = film(sound=False)
    output = path.with_name("output.mp4")
    with pytest.raises(Stop):
        colorize_film(probe(path), output, colorizer, progress=stopped_after(25))
    colorize_film(probe(path), output, colorizer, Settings(saturation=0.0))
    assert np.ptp(content(output).rgb.astype(int), axis=-1).mean() < 3


def test_a_folder_of_someone_else_is_left_alone(film, colorizer):
    path = film(sound=False)
    folder = path.with_name("output.mp4.parts")
    folder.mkdir()
    (folder / "letter.txt").write_text("mine")
    with pytest.raises(InputError, match=r"output\.mp4\.parts: is in the way"):
        colorize_film(probe(path), path.with_name("output.mp4"), colorizer)
    assert (folder / "letter.txt").read_text() == "mine"


def test_subtitles_that_the_container_cannot_take_are_left_out(film, colorizer, gray_frames):
    path = film(frames=gray_frames[:10], subtitles="mov_text")
    output = path.with_name("output.mkv")
    colorize_film(probe(path), output, colorizer)
    before, after = content(path), content(output)
    assert set(before.packets) == {"audio", "subtitle"} and set(after.packets) == {"audio"}
    sound = [[data for data, _, _ in each.packets["audio"]] for each in (before, after)]
    assert sound[0] == sound[1]
    assert len(after.times) == 10
    said = "mov_text subtitles, which .mkv cannot hold"
    assert fitting(probe(path), output).left_out == (said,)
    assert fitting(probe(path), path.with_name("output.mov")).left_out == ()
