"""`polychrome colorize` with films: what is refused, left out and said."""

import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
from command_runs import ROOT, contents, finish, start
from films import content, moving, write_film
from PIL import Image

from polychrome.cli.films import Bar

DOT = "--hint=9,9,#2030c0"


def damaged(folder, films):
    """Files that are no usable films, and what is said of each."""
    data = (films / "film.mp4").read_bytes()
    (folder / "cut.mov").write_bytes(data[: len(data) // 2])
    front = write_film(
        folder / "front.mp4",
        moving(np.zeros((1, 110, 110), np.uint8), 40),
        container_options={"movflags": "faststart"},
    )
    data = front.read_bytes()
    front.write_bytes(data[: len(data) * 2 // 3])
    write_film(folder / "end.mkv", moving(np.zeros((1, 110, 110), np.uint8), 40))
    data = (folder / "end.mkv").read_bytes()
    (folder / "end.mkv").write_bytes(data[: len(data) // 2])
    (folder / "noise.webm").write_bytes(b"\x1a\x45\xdf\xa3" + bytes(range(256)) * 8)
    write_film(
        folder / "secret.mp4",
        moving(np.zeros((1, 110, 110), np.uint8), 20),
        container_options={
            "encryption_scheme": "cenc-aes-ctr",
            "encryption_key": "00" * 16,
            "encryption_kid": "11" * 16,
        },
    )
    with (
        av.open(str(films / "film.mp4")) as source,
        av.open(str(folder / "sound.m4v"), "w", format="mp4") as target,
    ):
        sound = target.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(source.streams.audio[0]):
            if packet.size:
                packet.stream = sound
                target.mux(packet)
    return {
        "cut.mov": "is truncated: it has ",
        "end.mkv": "is truncated: it has ",
        "front.mp4": "is truncated: it has ",
        "noise.webm": "damaged, or no film that FFmpeg reads (",
        "secret.mp4": "is encrypted; decrypt it first",
        "sound.m4v": "has no video, only sound",
    }


def test_unusable_films_cost_a_line_each_and_leave_nothing(here, run, films, preset):
    expected = damaged(here, films)
    shutil.copy(films / "film.mp4", "good.mp4")
    before = contents(here)
    names = sorted(before)
    status, lines = run("colorize", *names, "-o", "out", "--model", preset)
    assert status == 1 and lines[-1] == "colorized 1 film: out/good.color.mp4; 6 failed"
    for line, (name, said) in zip(lines[:-1], sorted(expected.items()), strict=True):
        assert line.startswith(f"{name}: {said}")
    assert set(contents(here)) == {*before, "out/good.color.mp4"}


def test_films_that_are_not_read_are_told_which_ones_are(here, run):
    Path("old.avi").write_bytes(b"RIFF\x24\0\0\0AVI LIST" + bytes(99))
    Path("live.ts").write_bytes((b"G" + bytes(187)) * 4)
    Path("text.mp4").write_text("This is text.\n" * 20)
    status, lines = run("colorize", "old.avi", "live.ts", "text.mp4")
    assert status == 1
    for line, name in zip(lines, ("live.ts", "old.avi", "text.mp4"), strict=False):
        assert line == (
            f"{name}: not a picture of a format that is read, should be JPEG, PNG, TIFF, WebP, "
            "GIF, BMP or AVIF; or a film: MP4, MOV, MKV or WebM"
        )


def test_patterns_find_films_and_folders_name_those_they_leave_out(here, run, films, preset):
    Path("in/deep").mkdir(parents=True)
    for name in ("in/a.mp4", "in/deep/b.M4V"):
        shutil.copy(films / "film.mp4", name)
    model = ["--model", preset, "--end", "0.1"]
    said = "no pictures found (2 films left out: folders are searched for pictures; name films"
    assert run("colorize", "in", *model[:2]) == (1, [f"error: in: {said} themselves)"])
    status, lines = run("colorize", "in", *model)
    assert status == 2
    assert "--end: is for films, and none is named: folders are searched" in lines[-1]
    assert run("colorize", "in/*.mp4", *model) == (0, ["colorized 1 film: in/a.color.mp4"])
    status, lines = run("colorize", "in/**", "-o", "out", *model)
    assert status == 0 and lines == ["colorized 2 films"]
    assert len(content("out/a.color.mp4").times) == len(content("out/deep/b.color.M4V").times) == 3
    said = "no pictures found (1 output of earlier runs left out; 2 films left out: "
    assert run("colorize", "in", *model[:2])[1][0].startswith(f"error: in: {said}")


def test_of_films_with_the_same_output_a_skipped_one_is_named(here, run, films, preset):
    for name in ("film", "film.jpg", "film.mov", "other.mp4"):
        shutil.copy(films / "film.mp4", name)
    command = ["--model", preset, "--end", "0.1"]
    assert run("colorize", "film", *command) == (0, ["colorized 1 film: film.color.mp4"])
    skipped = "colorized 0 films; skipped 1 finished before (--overwrite redoes them)"
    said = "skipped, but the output may be of another film beside it: film.jpg"
    assert run("colorize", "film.jpg", *command) == (0, [said, skipped])
    # Its output is a MOV, which no other one has.
    assert run("colorize", "film.mov", *command) == (0, ["colorized 1 film: film.color.mov"])
    for name in ("film.mov", "other.mp4", "other.mp4"):
        status, lines = run("colorize", name, *command)
        assert status == 0 and len(lines) == 1


def test_the_bar_takes_frames_of_earlier_runs_for_no_speed(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stderr", Terminal())
    with Bar(1000, "film.mp4") as bar:
        bar.update(900)
    shown = sys.stderr.getvalue()
    # Without any frame of its own, a run knows neither its speed nor what is left.
    assert "film.mp4:  90%" in shown and "900/1000 [00:00<?, ?frame/s]" in shown


def test_without_pyav_a_line_says_what_is_missing(here, run, films, preset, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)  # importing it fails then
    shutil.copy(films / "film.mp4", "film.mp4")
    status, lines = run("colorize", "film.mp4", "--model", preset)
    assert status == 1 and len(lines) == 2
    assert lines[0].startswith("film.mp4: films need PyAV, whose wheels bring x264 and x265 (GPL)")
    assert set(contents(here)) == {"film.mp4"}


def test_damage_within_a_film_is_found_while_it_is_colorized(here, run, films, preset):
    data = bytearray((films / "film.mp4").read_bytes())
    with av.open(str(films / "film.mp4")) as source:
        packets = [each for each in source.demux(source.streams.video[0]) if each.size]
    hurt = packets[150]
    data[hurt.pos : hurt.pos + hurt.size] = b"\xff" * hurt.size
    Path("hurt.mp4").write_bytes(data)
    status, lines = run("colorize", "hurt.mp4", "--model", preset)
    assert status == 1 and len(lines) == 2
    assert lines[0].startswith("hurt.mp4: damaged, or no film that FFmpeg reads (Invalid data")
    assert set(contents(here)) == {"hurt.mp4"}


def test_films_and_pictures_go_together_and_outputs_are_skipped(here, draw, run, films, preset):
    draw("a.png")
    shutil.copy(films / "film.mp4", "film.mp4")
    model = ["--model", preset, "--end", "0.5"]
    # Two of the runs make a film: in processes of their own.
    status, lines = finish(start("colorize", "a.png", "film.mp4", *model, "--compare"))
    assert (status, lines) == (
        0,
        ["colorized 1 picture: a.color.png", "colorized 1 film: film.color.mp4"],
    )
    first = content("film.color.mp4")
    assert len(first.times) == 13
    made = contents(here)
    status, lines = run("colorize", "film.mp4", "film.color.mp4", *model)
    assert (status, contents(here)) == (0, made)
    assert lines == [
        "colorized 0 films; skipped 1 finished before (--overwrite redoes them); left out 1 output "
        "of earlier runs"
    ]
    # What a run left that was killed after its output was finished goes at the next.
    Path("film.color.mp4.parts").mkdir()
    Path("film.color.mp4.parts/000000.mp4").write_bytes(b"part")
    assert run("colorize", "film.mp4", "-o", "film.color.mp4", *model)[0] == 0
    assert contents(here) == made
    # Now and then x264 takes another quantizer for the same frames, see test_killed_films.py.
    encoded = [made.pop("film.color.mp4")]
    for _ in range(4):
        again = start("colorize", "film.mp4", "-o", "film.color.mp4", "--overwrite", *model)
        assert finish(again) == (0, ["colorized 1 film: film.color.mp4"])
        again = content("film.color.mp4")
        assert again.times == first.times
        assert np.abs(again.rgb.astype(int) - first.rgb).mean() < 1  # of 255 levels
        left = contents(here)
        encoded.append(left.pop("film.color.mp4"))
        assert left == made
        if encoded[-1] in encoded[:-1]:
            break
    else:
        raise AssertionError("no two runs give the same film")
    # A folder is not searched for films.
    assert run("colorize", ".", *model[:2])[1][-1].startswith("colorized 0 pictures; skipped 1")


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["film.mp4", "--page", "1"], 2, "--page: is for pictures, not for films"),
        (["film.mp4", "--compare"], 2, "--compare: is for pictures, not for films"),
        (["film.mp4", "--ask=2", "--model=photo"], 2, "--ask: is for pictures, not for films"),
        (["a.png", "film.mp4", "--ask=2", "--model=photo"], 2, "--ask: is for pictures; leave the"),
        (["a.png", "--start", "1"], 2, "--start: is for films, and no input is one"),
        (["film.mp4", "--start", "2", "--end", "1"], 2, "--end: should be after --start"),
        (["film.mp4", "--start", "x"], 2, "'x' should be a time: seconds, or 1:02:03.5"),
        (["film.mp4", "--start", "1:00"], 1, "it is 9.60 seconds long (see --start, --end)"),
        (["film.mp4", "-o", "a.webm"], 1, "cannot be written, should end in .mp4 or .m4v or"),
        (["film.mp4", "-o", "a.avi"], 2, "-o a.avi: no film is written as .avi, should end in one"),
        (["film.mp4", "-o", "a.JPG"], 2, "-o a.JPG: no film is written as .jpg, should end in one"),
        (["film.mp4", "a.png", "-o", "a.ts"], 2, "no film is written as .ts, should end in one of"),
        (["film.mp4", "other.mp4", "-o", "a.mp4"], 2, "names one film, but there are 2"),
        (["film.mp4", "--suffix="], 1, "is an input too, which is never replaced"),
        (["film.mp4", DOT], 2, "--hint: in a film it needs the time of its frame; add --hint-time"),
        (["film.mp4", "--hint-time=1"], 2, "--hint-time: says the frame of --hint or --hints"),
        (["a.png", DOT, "--hint-time=1"], 2, "--hint-time: is for films, and no input is one"),
        (["a.png", "film.mp4", DOT, "--hint-time=1"], 2, "--hint-time: is for a film alone"),
        (["film.mp4", "other.mp4", DOT, "--hint-time=1"], 2, "--hint: is for one film, not for 2"),
        (["film.mp4", "--hints=."], 2, "--hints .: is a folder; for a film, name a file"),
        (["film.mp4", DOT, "--hint-time=11"], 1, "a hint is for 11 seconds, should be for 0.00 to"),
        (["film.mp4", DOT, "--hint-time=1", "--end=0.9"], 1, "should be for 0.00 to 0.92"),
        (["film.mp4", "--hint=70,9,#fff", "--hint-time=1"], 1, "has 64 x 48 pixels, so x should"),
        (["film.mp4", "--hints=a.json"], 1, "a.json: has a hint without a time, which films need"),
        (["film.mp4", "--hints=a.png", "--hint-time=1"], 1, "48 x 40 pixels, should be 64 x 48"),
        (["a.png", "--hints=timed.json"], 1, "a hint is for 1 seconds into a film"),
    ],
)
def test_wrong_usage(here, draw, run, films, preset, arguments, status, said):
    draw("a.png")
    hint = {"x": 9, "y": 9, "rgb": "#2030c0"}
    Path("a.json").write_text(json.dumps([hint]))
    Path("timed.json").write_text(json.dumps([hint | {"time": 1}]))
    if "--hints=a.png" in arguments:
        strokes = Image.new("RGBA", (48, 40))
        strokes.putpixel((5, 5), (200, 30, 30, 255))
        strokes.save("a.png")
    for name in ("film.mp4", "other.mp4"):
        shutil.copy(films / "film.mp4", name)
    before = contents(here)
    found, lines = run("colorize", "--model", preset, *arguments)
    assert found == status and any(said in line for line in lines), lines
    assert contents(here) == before


def test_hints_of_a_film_as_options_and_as_json(here, run, films, preset):
    shutil.copy(films / "film.mp4", "film.mp4")
    hint = {"x": 30, "y": 20, "rgb": "#2030c0", "time": 0.2}
    Path("hints.json").write_text(json.dumps([hint]))
    model = ["--model", preset, "--end", "0.4"]
    options = ["--hint", "30,20,#2030c0", "--hint-time", "0:00.2"]
    assert run("colorize", "film.mp4", *model, *options, "-o", "dots.mp4")[0] == 0
    assert run("colorize", "film.mp4", *model, "--hints", "hints.json", "-o", "json.mp4")[0] == 0
    assert run("colorize", "film.mp4", *model, "-o", "plain.mp4")[0] == 0
    names = ("dots.mp4", "json.mp4", "plain.mp4")
    hinted, same, plain = (content(name).rgb.astype(int) for name in names)
    assert np.abs(hinted - same).mean() < 0.5
    # Bluer in every frame, not in that of the hint alone.
    bluer = (hinted[..., 2] - hinted[..., 0] - plain[..., 2] + plain[..., 0]).mean(axis=(1, 2))
    assert len(bluer) == 10 and bluer.min() > 3


def test_neither_keras_nor_tensorflow_is_imported(films, preset, tmp_path):
    program = (
        "import sys\n"
        "from polychrome.cli import main\n"
        "assert main(sys.argv[1:]) == 0\n"
        "print(*{'keras', 'tensorflow', 'jax', 'skimage', 'matplotlib'} & set(sys.modules))\n"
    )
    arguments = ["colorize", films / "film.mp4", "--end", "0.1", "-o", tmp_path, "--model", preset]
    ran = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert ran.stdout.strip() == ""


@pytest.mark.long
def test_memory_does_not_grow_with_the_length_of_a_film(preset, tmp_path, smooth):
    launch = (
        "import os, subprocess, sys\n"
        "process = subprocess.Popen(sys.argv[1:])\n"
        "_, status, usage = os.wait4(process.pid, 0)\n"
        "print(usage.ru_maxrss * 1024)\n"
        "sys.exit(os.waitstatus_to_exitcode(status))\n"
    )
    wide = smooth(1, 200, 400)[0, ..., 1]
    peaks = []
    for count in (300, 3000):
        frames = np.stack([wide[:144, index % 200 :][:, :176] for index in range(count)])
        path = write_film(tmp_path / f"{count}.mp4", frames, options={"preset": "ultrafast"})
        command = [sys.executable, "-m", "polychrome", "colorize", path, "--model", preset]
        done = subprocess.run(
            [sys.executable, "-S", "-c", launch, *map(str, command)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        peaks.append(int(done.stdout))
    # The longer one has 68 MB of gray frames more.
    assert peaks[1] - peaks[0] < 15e6
