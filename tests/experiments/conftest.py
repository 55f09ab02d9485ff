"""Running the command in the process of the tests, and a record to tabulate."""

import io
import shutil

import keras
import pytest
from graded_rows import graded_metrics
from PIL import Image

from experiments.run import main


@pytest.fixture
def own_folder(tmp_path, monkeypatch):
    """Where `runs/` and `saved_models/` land: not in this checkout."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def metrics():
    """What `metrics.json` holds of a run."""
    return graded_metrics()


@pytest.fixture
def half_gray_folder(tmp_path, smooth):
    """A folder of 60 photographs, of which every other one is gray."""
    folder = tmp_path / "half gray"
    folder.mkdir()
    for index, image in enumerate(smooth(60, 20, 20)):
        photograph = Image.fromarray(image).convert("L" if index % 2 else "RGB")
        photograph.save(folder / f"{index:02d}.png")
    return folder


@pytest.fixture
def same_precision():
    """Put the process-wide dtype policy back, which a run sets."""
    policy = keras.config.dtype_policy()
    yield
    keras.config.set_dtype_policy(policy)


@pytest.fixture
def error_of(capsys):
    """The one line that a command prints when it fails; anything more or else is a failure."""

    def run(*arguments) -> str:
        capsys.readouterr()
        status = main([str(argument) for argument in arguments])
        assert status == 1
        lines = [line for line in shown_on_screen(capsys.readouterr().err) if line.strip()]
        assert len(lines) == 1
        assert lines[0].startswith("error: ")
        return lines[0]

    return run


def shown_on_screen(printed: str) -> list[str]:
    """Lines as a terminal leaves them: what follows a line's last carriage return."""
    return [line.rpartition("\r")[2].rstrip() for line in io.StringIO(printed, newline="\n")]


@pytest.fixture(scope="module")
def chromium():
    """A headless Chromium, for tests marked "browser"."""
    from playwright.sync_api import sync_playwright

    names = ("chromium", "google-chrome", "chromium-browser")
    path = next(filter(None, map(shutil.which, names)), None)
    assert path is not None, f"none of {', '.join(names)} is installed"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium):
    """Opens a page in a window of its own; fails if a page had an error."""
    from playwright.sync_api import expect

    contexts, errors = [], []

    def opened(window: dict):
        context = chromium.new_context(**window)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        expect.set_options(timeout=60_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: message.type == "error" and errors.append(message.text))
        return page

    opened.contexts = contexts
    yield opened
    for context in contexts:
        context.close()
    assert [error for error in errors if "ERR_INTERNET_DISCONNECTED" not in error] == []
