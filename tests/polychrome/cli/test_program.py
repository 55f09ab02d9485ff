"""The command as a program of its own: its streams, and Ctrl-C before it has begun."""

import configparser
import os
import subprocess
import sys

import pytest
from command_runs import ROOT, contents
from PIL import Image

PYTHON = [sys.executable, "-m", "polychrome"]
# Sends Ctrl-C when a module is about to be imported.
_INTERRUPTED = """
import os, signal, sys

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == module:
            os.kill(os.getpid(), signal.SIGINT)

_, module, entry, *sys.argv[1:] = sys.argv
name, function = entry.split(":")
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.meta_path.insert(0, Finder())
sys.exit(getattr(__import__(name, fromlist=[function]), function)())
"""


@pytest.fixture
def picture(tmp_path, smooth):
    """A gray photograph in a folder of its own."""
    Image.fromarray(smooth(1, 40, 48)[0]).convert("L").save(tmp_path / "a.png")
    return tmp_path / "a.png"


def shell(command, *arguments, cwd):
    """Run a shell's command, `"$@"` in it being ours with these arguments."""
    return subprocess.run(
        ["sh", "-c", command, "sh", *PYTHON, *arguments],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("streams", ["2>&-", "<&- >&- 2>&-", "2>/dev/full"])
def test_nobody_need_read_what_it_says(picture, streams):
    arguments = ["colorize", "a.png", "gone.png", "--format", "jpg"]
    done = shell(f'"$@" {streams}', *arguments, cwd=picture.parent)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
    with Image.open(picture.with_name("a.color.jpg")) as image:
        assert image.size == (48, 40)
        image.load()
    done = shell(f'"$@" {streams}', *arguments[:2], cwd=picture.parent)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert set(contents(picture.parent)) == {"a.png", "a.color.jpg", "a.color.png"}


@pytest.mark.parametrize("module", ["argparse", "polychrome.cli.inputs", "numpy", "onnxruntime"])
def test_ctrl_c_before_it_has_begun_gives_no_traceback(picture, module):
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    name, _, entry = setup["options.entry_points"]["console_scripts"].strip().partition(" = ")
    assert name == "polychrome"
    done = subprocess.run(
        [sys.executable, "-c", _INTERRUPTED, module, entry, "colorize", picture],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 130 and "Traceback" not in done.stderr
    assert set(contents(picture.parent)) == {"a.png"}


@pytest.mark.long
def test_models_in_keras_keep_the_log_of_tensorflow_to_themselves(picture):
    quiet = 'unset TF_CPP_MIN_LOG_LEVEL TF_ENABLE_ONEDNN_OPTS CUDA_VISIBLE_DEVICES; "$@"'
    done = shell(quiet, "colorize", "a.png", "--model", "tiny", cwd=picture.parent)
    assert done.returncode == 0 and done.stdout == ""
    assert done.stderr == "colorized 1 picture: a.color.png\n"
