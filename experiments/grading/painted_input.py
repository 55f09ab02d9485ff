"""What a grading on superpixels was predicted from, in words that its records hold.

Apart from the grading, so that tables of records need no TensorFlow.
"""

FROM_PAINTED = "predicted from the painted image"
FROM_PHOTOGRAPH = "predicted from the photograph"
