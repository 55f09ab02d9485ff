"""How `tf.data` uses the processors here."""

import os

import tensorflow as tf

# Of each parallel step.
WORKERS = max(2, os.cpu_count() or 1)


def _options() -> tf.data.Options:
    options = tf.data.Options()
    options.threading.private_threadpool_size = WORKERS
    options.autotune.enabled = False
    return options


# TensorFlow's shared pool has a thread a core, and steps that wait for each other hold them: on two
# cores a pipeline then runs on one. Threads of its own made decoding 1.9 times as fast there.
#
# The autotuner sleeps between its looks at a pipeline, each time twice as long, up to a minute, and
# an iterator that is let go may wait for its waking up: 4 seconds after the grading of 12 images.
OPTIONS = _options()
