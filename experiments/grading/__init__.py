"""How systems are graded: each by the same protocols on the same images (`grading`)."""
