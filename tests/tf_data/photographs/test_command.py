"""The command `python -m tf_data.photographs`."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from encoded_files import encode
from photo_repositories import image_at, make_repository
from PIL import Image

from tf_data.photographs.__main__ import main
from tf_data.photographs.sets import SETS, PhotoSet

ROOT = Path(__file__).resolve().parents[3]


def test_it_collects_and_prints_the_counts(clones, tmp_path, capsys):
    folder, sets = clones
    out = tmp_path / "photos"
    assert main([str(out), "--clones", str(folder), "--side", "128"], sets) == 0
    printed = capsys.readouterr().out
    assert "| three |" in re.sub(" +", " ", printed) and printed.endswith(f"{out}\n")
    assert {min(image_at(path).size) for path in out.rglob("*.jpg")} == {128}


def test_the_list_has_each_repository_at_a_whole_commit(capsys):
    assert main(["--list"]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == len(SETS) == len({photo_set.name for photo_set in SETS})
    for repository, commit in lines:
        assert re.fullmatch(r"[\w-]+/[\w-]+", repository) and re.fullmatch("[0-9a-f]{40}", commit)


def test_failures_are_one_line(clones, tmp_path, capsys):
    folder, _ = clones
    assert main([str(tmp_path / "photos"), "--clones", str(folder)]) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: ") and error.count("\n") == 1
    assert f"git clone https://github.com/{SETS[0].repository} " in error
    with pytest.raises(SystemExit) as stopped:
        main([str(tmp_path / "photos")])
    assert stopped.value.code == 2


def test_stopped_with_ctrl_c_it_goes_on_after_the_finished_sets(clones, tmp_path):
    # A program that is started in the background of a shell script would not get SIGINT.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    folder, sets = clones
    random = np.random.default_rng(0)
    pictures = [Image.fromarray(c) for c in random.integers(0, 256, (1500, 6, 6, 3), np.uint8)]
    files = {f"{i}.jpg": encode(p.resize((200, 200)), "JPEG") for i, p in enumerate(pictures)}
    many = PhotoSet("many", "us/many", make_repository(folder / "us" / "many", files), "noise")
    out, work = tmp_path / "photos", tmp_path / ".photos-collecting"
    program = (
        "import sys; from tf_data.photographs.__main__ import main; "
        "from tf_data.photographs.sets import PhotoSet; "
        f"sys.exit(main({[str(out), '--clones', str(folder)]}, {(sets[0], many)}))"
    )
    command = [sys.executable, "-c", program]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    while not (work / "one.json").exists() and process.poll() is None:
        time.sleep(0.002)
    process.send_signal(signal.SIGINT)
    error = process.communicate()[1]
    assert process.returncode == 130 and error.endswith("stopped\n") and "Traceback" not in error
    assert not out.exists() and not (work / "many.json").exists()
    record = json.loads((work / "one.json").read_text())
    (cat,) = (photo for photo in record["photos"] if photo["path"] == "pictures/cat.jpg")
    before = os.stat(work / "one" / f"{cat['blob']}.jpg").st_ino

    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "1500/1500" in ended.stderr
    assert before in {path.stat().st_ino for path in out.rglob("one/*.jpg")}
