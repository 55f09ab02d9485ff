"""The profile of a training step: operations are found, and sorted into kinds."""

import json
import time

import pytest
import tensorflow as tf

from benchmarks.step_profile import (
    BEGIN,
    END,
    OUTSIDE,
    REST,
    Interval,
    Profiled,
    by_kind,
    divided,
    main,
    operations,
    processor_time,
    shares,
)
from polychrome.compiling import compiled

COMPILED = "compiled color conversion and loss"


def test_operations_of_a_step_are_read_from_its_profile_with_those_of_a_compiled_loss(tmp_path):
    inputs, kernel = tf.random.normal((4, 64, 64, 8)), tf.random.normal((3, 3, 8, 8))
    # Much more work than the convolution.
    loss = compiled(lambda x: tf.reduce_mean(tf.abs(x)[..., None] ** tf.linspace(0.1, 3.0, 40)))

    @tf.function(autograph=False)
    def step():
        with tf.GradientTape() as tape:
            tape.watch(kernel)
            value = loss(tf.nn.relu(tf.nn.conv2d(inputs, kernel, 1, "SAME")))
        return tape.gradient(value, kernel)

    step().numpy()
    with tf.profiler.experimental.Profile(str(tmp_path)):
        begun = time.perf_counter()
        for _ in range(3):
            step().numpy()
        took = 1e3 * (time.perf_counter() - begun)
    found = operations(tmp_path)
    # The methods that run them would count their time again.
    assert not {operation for operation, _ in found} & {"Process", "Run", "RunAsync"}
    total = by_kind(found)
    assert total["convolutions"] > 0 and total[REST] > 0
    assert total[COMPILED] > 0.5 * sum(total.values())
    assert sum(total.values()) <= took
    assert sum(shares(total).values()) == pytest.approx(1.0)


def test_no_moment_is_counted_twice():
    """A program of XLA with parts within, one in another thread; a convolution beside the end."""
    first = [
        Interval(10, 50, "XlaExecute"),
        Interval(12, 20, "XlaExecute"),
        Interval(0, 60, "Call"),
    ]
    second = [Interval(20, 30, "XlaExecute"), Interval(55, 75, "Conv2D"), Interval(80, 81, "Mul")]
    assert divided([first, second]) == {
        "Call": 10 + 5 + 2.5,
        "XlaExecute": 40,
        "Conv2D": 2.5 + 15,
        "Mul": 1,
    }


def test_kinds_are_those_of_the_operations_names():
    found = by_kind(
        [
            ("_MklNativeConv2DBackpropInput", 3.0),
            ("_MklNativeFusedDepthwiseConv2dNative", 1.0),
            ("StridedSliceGrad", 2.0),
            ("SquaredDifference", 4.0),
        ]
    )
    assert found == {"convolutions": 4.0, "joining and slicing": 2.0, REST: 4.0}
    assert list(shares(found)) == ["convolutions", REST, "joining and slicing"]
    assert shares(found)["convolutions"] == pytest.approx(0.4)


def test_time_that_other_programs_took_is_not_an_operations():
    total = {"convolutions": 600.0, "casts": 200.0}
    assert processor_time(total, 10, busy=0.5) == {"convolutions": 30.0, "casts": 10.0}
    assert processor_time(total, 10, busy=1.25) == {"convolutions": 60.0, "casts": 20.0}


def test_what_no_operation_took_is_in_the_record_and_on_the_page(tmp_path):
    networks = [
        Profiled("colorizer", {"convolutions": 60.0, COMPILED: 15.0}, step=100.0, busy=0.97),
        Profiled("heads", {"convolutions": 3.0, "casts": 2.0}, step=8.0, busy=1.02),
    ]
    records = [network.record() for network in networks]
    assert records[0]["shares"] == {"convolutions": 0.6, OUTSIDE: 0.25, COMPILED: 0.15}
    assert records[0]["in_operations"] == 0.75
    machine = {"processor": "Z80", "tensorflow": "2.20.0", "load_average": 0.25}
    kept, page = tmp_path / "profile.json", tmp_path / "page.md"
    named = {"system": "tiny", "precision": "float32", "steps": 10}
    kept.write_text(json.dumps({"environment": machine, **named, "networks": records}))
    page.write_text(f"before\n{BEGIN}\n{END}\nafter\n")
    assert main(["--json", str(kept), "--page", str(page)]) == 0
    lines = page.read_text().splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if "|" in line]
    assert rows[2:] == [
        ["convolutions", "60.0", "60 %", "3.0", "38 %"],
        [COMPILED, "15.0", "15 %", "0.0", "0 %"],
        ["casts", "0.0", "0 %", "2.0", "25 %"],
        [OUTSIDE, "25.0", "25 %", "3.0", "38 %"],
        ["all", "100.0", "", "8.0", ""],
    ]
    assert "step_profile tiny float32 --steps 10`, in one thread: Z80" in page.read_text()
    assert "account for 75% (colorizer) and 62% (heads) of a step" in page.read_text()
    assert "had 97% (colorizer) and 102% (heads) of a processor" in page.read_text()
    assert lines[0] == "before" and lines[-1] == "after"


def test_a_record_of_an_older_profile_is_not_put_on_the_page(tmp_path, capsys):
    kept, page = tmp_path / "profile.json", tmp_path / "page.md"
    kept.write_text(json.dumps({"environment": {}, "system": "tiny", "precision": "float32"}))
    page.write_text(f"{BEGIN}\n{END}\n")
    assert main(["--json", str(kept), "--page", str(page)]) == 1
    assert "no profile of a step as this program records it" in capsys.readouterr().err
    assert page.read_text() == f"{BEGIN}\n{END}\n"
