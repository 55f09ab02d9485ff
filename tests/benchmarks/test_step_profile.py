"""The profile of a training step: operations are found, and sorted into kinds."""

import pytest
import tensorflow as tf

from benchmarks.step_profile import REST, by_kind, operations, shares


def test_operations_of_a_graph_are_read_from_its_profile(tmp_path):
    inputs, kernel = tf.random.normal((4, 16, 16, 8)), tf.random.normal((3, 3, 8, 8))

    @tf.function(autograph=False)
    def step():
        return tf.nn.relu(tf.nn.conv2d(inputs, kernel, 1, "SAME"))

    step()
    with tf.profiler.experimental.Profile(str(tmp_path)):
        for _ in range(3):
            step()
    found = list(operations(tmp_path))
    # The methods that run them would count their time again.
    assert not {operation for operation, _ in found} & {"Process", "Run", "RunAsync"}
    total = by_kind(found)
    assert total["convolutions"] > 0
    assert sum(shares(total).values()) == pytest.approx(1.0)


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
