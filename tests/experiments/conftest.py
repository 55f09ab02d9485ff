"""Running the command in the process of the tests, and a record to tabulate."""

import io

import keras
import pytest
from graded_rows import graded_metrics

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
