"""Colors that people give: read, checked, and spread over a picture; and questions to people.

Imports neither Keras nor TensorFlow, and nothing of `polychrome.inference`, which uses it.
"""
