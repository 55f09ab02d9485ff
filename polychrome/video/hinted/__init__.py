"""Hints on frames of a film, carried through their shots."""
