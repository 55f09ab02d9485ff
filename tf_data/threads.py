"""Threads of `tf.data`."""

import os

import tensorflow as tf

# For each parallel step.
WORKERS = max(2, os.cpu_count() or 1)


def _options() -> tf.data.Options:
    options = tf.data.Options()
    options.threading.private_threadpool_size = WORKERS
    options.autotune.enabled = False
    return options


# TensorFlow's shared pool has one thread per core, and steps that wait for each other occupy them,
# so a pipeline on two cores uses only one. A private pool made decoding 1.9 times as fast there.
#
# The autotuner sleeps between checks of a pipeline, each time twice as long, up to a minute, and
# releasing an iterator may wait until it wakes: 4 seconds after grading 12 images.
OPTIONS = _options()
