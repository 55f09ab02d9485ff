"""The notebook, from its first cell to its last, on a dozen tiles of the sample."""

import base64
from pathlib import Path

import nbformat
import numpy as np
import pytest
import tensorflow as tf
from nbclient import NotebookClient
from nbformat import NotebookNode
from skimage import data

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOK = ROOT / "notebooks" / "polychromify_ab.ipynb"


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("notebook")


@pytest.fixture(scope="module")
def outputs(place) -> dict[str, list[NotebookNode]]:
    """What each cell put out, by the cell's id."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        patch.setenv("IPYTHONDIR", str(place / "ipython"))
        patch.setenv("POLYCHROME_NOTEBOOK_EPOCHS", "1")
        patch.setenv("POLYCHROME_NOTEBOOK_LIMIT", "12")
        # No time limit: an epoch on a busy machine takes what it takes.
        client = NotebookClient(notebook, timeout=None, resources={"metadata": {"path": place}})
        client.execute()
    return {cell.id: cell.outputs for cell in notebook.cells if cell.cell_type == "code"}


def pictures(outputs: list[NotebookNode]) -> list[np.ndarray]:
    encoded = [
        content
        for output in outputs
        for kind, content in output.get("data", {}).items()
        if kind.startswith("image/")
    ]
    return [tf.io.decode_image(base64.b64decode(picture)).numpy() for picture in encoded]


def printed(outputs: list[NotebookNode]) -> str:
    return "".join(output.text for output in outputs if output.output_type == "stream")


def test_it_is_stored_without_results():
    notebook = nbformat.read(NOTEBOOK, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


@pytest.mark.long
def test_it_runs_the_recipe_where_it_stands(outputs, place):
    assert "SAMPLE RUN" in printed(outputs["train-code"])
    (run,) = (place / "runs").iterdir()
    assert run.name.startswith("polychromify_ab-")
    assert (run / "report.html").exists()
    assert (place / "saved_models" / "polychromify_ab" / "1" / "saved_model.pb").exists()
    # Installed already: nothing is fetched.
    assert outputs["install-code"] == []
    assert not (place / "polychrome-source").exists()


@pytest.mark.long
def test_it_shows_the_table_and_the_verdict(outputs):
    table, verdict = (output.data["text/markdown"] for output in outputs["table-code"])
    assert table.startswith("| System |")
    for row in (
        "PolychromifyAB",
        "PolychromifyAB (reported)",
        "do nothing",
        "mean color",
        "best constant",
    ):
        assert f"| {row} " in table
    assert "the best trivial baseline on colored images" in verdict


@pytest.mark.parametrize(
    ("cell", "count"), [("grid-code", 1), ("curves-code", 1), ("strips-code", 2)]
)
@pytest.mark.long
def test_it_shows_the_pictures_of_the_report(outputs, cell, count):
    shown = pictures(outputs[cell])
    assert len(shown) == count
    assert all(min(picture.shape[:2]) >= 64 for picture in shown)


@pytest.mark.long
def test_it_colorizes_a_photograph_by_the_exported_model(outputs, place):
    height, width, _ = data.chelsea().shape
    (shown,) = pictures(outputs["colorize-code"])
    assert shown.shape == (height, 2 * width, 3)
    colorized = tf.io.decode_png((place / "colorized.png").read_bytes()).numpy().astype(int)
    assert (colorized.max(axis=-1) != colorized.min(axis=-1)).any()
    before, after = shown[:, :width].astype(int), shown[:, width:].astype(int)
    # JPEG is shown, so colors are near, not equal.
    assert np.median(np.ptp(before, axis=-1)) <= 2
    assert np.abs(after - colorized).mean() < 6
