"""Hints on one frame of a film, as whole films show them."""

import numpy as np
import pytest
from films import content, light_preset, moving, write_film

import polychrome
import polychrome.video.colorize as whole
import polychrome.video.hinted.shots as hinted
from polychrome import Hint, Strokes
from polychrome.color.spaces import rgb_to_lab
from polychrome.errors import InputError
from polychrome.video.coloring import Settings, colored
from polychrome.video.colorize import colorize_film
from polychrome.video.film import probe
from polychrome.video.hinted.shots import by_frame

COUNT = 32  # frames of each of two shots, more than a chunk of steady colors
BLUE = (40, 60, 220)
TOP, LEFT = 34, 42  # of the thing in the first frame


@pytest.fixture(scope="module")
def colorizer(tmp_path_factory):
    """Colors by lightness, at the size of the frames."""
    return polychrome.load(light_preset(tmp_path_factory.mktemp("presets") / "light", 48))


@pytest.fixture(scope="module")
def frames():
    """A camera goes along a light thing of 12 x 16 pixels on a dark wall, then along another."""
    rng = np.random.default_rng(0)
    pictures = np.stack([np.full((96, 112), level) for level in (50, 90)])
    pictures[:, TOP : TOP + 12, LEFT : LEFT + 16] = 170
    rough = rng.integers(-18, 18, (2, 48, 56)).repeat(2, axis=1).repeat(2, axis=2)
    return moving((pictures + rough).astype(np.uint8), COUNT)


@pytest.fixture(scope="module")
def path(tmp_path_factory, frames):
    return write_film(tmp_path_factory.mktemp("film") / "film.mp4", frames, sound=False)


@pytest.fixture(scope="module")
def plain(path, colorizer):
    """The film without hints."""
    colorize_film(probe(path), path.with_name("plain.mp4"), colorizer)
    return content(path.with_name("plain.mp4")).rgb


def made(path, colorizer, hints, output, **options):
    colorize_film(probe(path), output, colorizer, hints=hints, **options)
    assert not output.with_name(f"{output.name}.parts").exists()
    return content(output).rgb


def on_thing(frame, index):
    """a* and b* in the middle of the thing, which has gone one pixel up and left each frame."""
    top, left = TOP - index % COUNT, LEFT - index % COUNT
    return rgb_to_lab(frame[top + 3 : top + 9, left + 3 : left + 13])[..., 1:].mean(axis=(0, 1))


def assert_same(one, other):
    """Films are the same but for where other parts begin."""
    assert one.shape == other.shape
    assert np.abs(one.astype(int) - other).mean(axis=(1, 2, 3)).max() < 4.0
    for index, pair in enumerate(zip(one, other, strict=True)):
        first, second = (on_thing(frame, index) for frame in pair)
        assert np.linalg.norm(first - second) < 4.0, index


def blue_at(index, time):
    """A hint on the thing in one frame."""
    shift = index % COUNT
    return Hint(LEFT + 8 - shift, TOP + 6 - shift, BLUE, 3, time=time)


@pytest.fixture(scope="module")
def blue(path, colorizer):
    """The film with a hint on frame 10."""
    return made(path, colorizer, [blue_at(10, 0.4)], path.with_name("blue.mp4"))


def test_a_thing_keeps_its_color_before_and_after(blue, plain):
    given = rgb_to_lab(np.uint8([BLUE]))[0, 1:]
    for index in range(COUNT):
        # Light blue is outside sRGB at the thing's lightness: only the hue is left whole.
        before, after = on_thing(plain[index], index), on_thing(blue[index], index)
        assert before @ given < 0 < after @ given, index
        assert np.linalg.norm(after - on_thing(blue[10], 10)) < 6.0, index


def encoded(path, colorizer, hints, after=None, state=None):
    """Chunks of a film as the encoder gets them: states, and frames as bytes by time."""
    film, found = probe(path), []
    with colored(film, colorizer, Settings(), after, state, by_frame(film, hints)) as chunks:
        for chunk in chunks:
            frames = {each.pts: b"".join(map(bytes, each.planes)) for each in chunk.frames}
            found.append((chunk.state, frames))
    return found


@pytest.fixture(scope="module")
def chunks(path, colorizer):
    """Those with a hint on frame 10."""
    return encoded(path, colorizer, [blue_at(10, 0.4)])


def all_frames(chunks):
    return {stamp: frame for _, frames in chunks for stamp, frame in frames.items()}


def test_another_shot_stays_to_the_byte(path, colorizer, chunks):
    hinted, plain = all_frames(chunks), all_frames(encoded(path, colorizer, []))
    assert list(hinted) == list(plain) == [512 * index for index in range(2 * COUNT)]
    for index in range(2 * COUNT):
        assert (hinted[512 * index] == plain[512 * index]) == (index >= COUNT), index


def test_a_run_that_goes_on_within_the_shot_gives_the_same_bytes(path, colorizer, chunks):
    state, done = chunks[0]
    assert state is not None and len(done) == 16
    rest = encoded(path, colorizer, [blue_at(10, 0.4)], max(done), state)
    assert all_frames(rest) == all_frames(chunks[1:])


def test_the_wall_is_left_nearly_as_it_was(blue, plain):
    for index in (0, 10, 31):
        off = np.abs(blue[index].astype(int) - plain[index]).mean(axis=-1)
        wall = np.ones((48, 64), bool)
        top, left = TOP - index, LEFT - index
        wall[max(0, top - 4) : top + 16, max(0, left - 4) : left + 20] = False
        thing = off[top + 2 : top + 10, left + 2 : left + 14]
        assert off[wall].mean() < 0.15 * thing.mean()


@pytest.mark.long
def test_strokes_give_what_dots_give(path, colorizer, blue):
    alpha = np.zeros((48, 64), np.uint8)
    rows, columns = np.ogrid[:48, :64]
    hint = blue_at(10, 0.4)
    alpha[(rows - hint.y) ** 2 + (columns - hint.x) ** 2 <= 12] = 255
    strokes = Strokes(np.zeros((48, 64, 3), np.uint8) + np.uint8(BLUE), alpha, time=0.4)
    found = made(path, colorizer, [strokes], path.with_name("strokes.mp4"))
    assert np.abs(found.astype(int) - blue).mean() < 0.5


def test_hints_in_two_shots_and_a_cut_far_behind(path, colorizer, blue, monkeypatch):
    """The beginning of a shot is sought in steps."""
    monkeypatch.setattr(hinted, "_WINDOW", 7)
    hints = [blue_at(52, 52 / 25), blue_at(10, 0.41)]
    found = made(path, colorizer, hints, path.with_name("two.mp4"))
    assert_same(found[:COUNT], blue[:COUNT])
    for index in range(COUNT, 2 * COUNT):
        assert on_thing(found[index], index)[1] < -10, index


def test_of_a_part_times_are_those_of_the_film(path, colorizer):
    film, output = probe(path, 0.2, 0.8), path.with_name("part.mp4")
    colorize_film(film, output, colorizer, hints=[blue_at(10, 0.4)])
    found = content(output).rgb
    assert len(found) == 15
    for place, frame in enumerate(found):
        assert on_thing(frame, place + 5)[1] < -10, place


@pytest.mark.long
def test_hints_are_on_the_upright_frame(tmp_path, frames, colorizer, blue):
    lying = np.rot90(frames, -1, axes=(1, 2))
    path = write_film(tmp_path / "lying.mp4", lying, rotation=90, sound=False)
    assert probe(path).upright == (48, 64)
    found = made(path, colorizer, [blue_at(10, 0.4)], tmp_path / "out.mp4")
    upright = np.rot90(found, 1, axes=(1, 2))
    for index in (0, 10, 31):
        assert np.abs(on_thing(upright[index], index) - on_thing(blue[index], index)).max() < 6


def test_hints_are_on_the_frame_as_it_is_shown_mirrored(tmp_path, frames, colorizer):
    """Rows are stored as columns: the matrix mirrors them and turns them by a quarter."""
    stored = frames[:20].transpose(0, 2, 1)
    matrix = (0, 65536, 0, 65536, 0, 0, 0, 0, 1 << 30)
    path = write_film(tmp_path / "lying.mov", stored, matrix=matrix, sound=False)
    assert probe(path).upright == (48, 64)
    plain = made(path, colorizer, [], tmp_path / "plain.mov")
    found = made(path, colorizer, [blue_at(10, 0.4)], tmp_path / "out.mov")
    assert probe(tmp_path / "out.mov").display == probe(path).display == matrix
    shown = [each.transpose(0, 2, 1, 3) for each in (plain, found)]
    for index in (0, 10, 19):
        before, after = (on_thing(each[index], index)[1] for each in shown)
        assert after < -10 < before, index


class Stop(Exception):
    """Stands for what ends a run from outside."""


@pytest.mark.long
@pytest.mark.parametrize("stops", [(20,), (5, 40)])
def test_a_stopped_run_goes_on(path, colorizer, blue, monkeypatch, stops):
    monkeypatch.setattr(whole, "MOST", 16)
    monkeypatch.setattr(whole, "LEAST", 1)
    hints, output = [blue_at(10, 0.4)], path.with_name("output.mp4")
    for stop in stops:
        left = [stop]

        def progress(count, left=left):
            left[0] -= count
            if left[0] < 0:
                raise Stop

        with pytest.raises(Stop):
            made(path, colorizer, hints, output, progress=progress)
    assert list(path.with_name("output.mp4.parts").glob("*.npz"))
    assert_same(made(path, colorizer, hints, output), blue)
    output.unlink()


@pytest.mark.long
def test_parts_of_other_hints_are_made_again(path, colorizer, blue):
    output = path.with_name("again.mp4")

    def stop(count):
        if count == 1 and list(output.with_name("again.mp4.parts").glob("*.npz")):
            raise Stop

    with pytest.raises(Stop):
        colorize_film(probe(path), output, colorizer, progress=stop)
    assert_same(made(path, colorizer, [blue_at(10, 0.4)], output), blue)


WRONG = {
    "no time": (Hint(5, 5, BLUE), "a hint has no time, which says the frame that it is on"),
    "late": (Hint(5, 5, BLUE, time=2.57), "a hint is for 2.57 seconds, should be for 0.00 to 2.56"),
    "outside": (Hint(64, 5, BLUE, 0, time=0.1), "the picture has 64 x 48 pixels, so x should be"),
    "a frame": (Hint(5, 5, BLUE, frame=3, time=0.1), "a hint is for frame 3, should be 0 to 0"),
    "strokes": (
        Strokes(np.zeros((9, 7, 3), np.uint8), np.full((9, 7), 255, np.uint8), "a.png", time=0.1),
        "a.png: 7 x 9 pixels, should be 64 x 48, as the picture",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_hints_are_refused_before_anything_is_made(path, colorizer, name):
    hint, said = WRONG[name]
    before = set(path.parent.iterdir())
    with pytest.raises(InputError, match=said) as caught:
        colorize_film(probe(path), path.with_name("wrong.mp4"), colorizer, hints=[hint])
    assert "\n" not in str(caught.value) and set(path.parent.iterdir()) == before


def test_a_time_outside_of_the_part_is_refused(path, colorizer):
    with pytest.raises(InputError, match="a hint is for 1.5 seconds, should be for 0.20 to 0.80"):
        colorize_film(
            probe(path, 0.2, 0.8), path.with_name("x.mp4"), colorizer, hints=[blue_at(10, 1.5)]
        )


def test_pictures_take_no_times(colorizer):
    with pytest.raises(InputError, match="a hint is for 2.5 seconds into a film"):
        colorizer.colorize(np.zeros((8, 8), np.uint8), hints=[Hint(1, 1, BLUE, time=2.5)])
