"""What a run's table says of its rows."""

from experiments.recipes import RECIPES
from experiments.stages.record import best_epochs
from polychrome.training.callbacks import TrainingState


def test_a_best_epoch_that_the_graded_images_chose_says_so():
    """Padova's Table 1 is of validation images, whose loss also chooses the epoch."""
    states = [TrainingState(epoch=9, best_epoch=best) for best in (4, 7)]
    assert best_epochs(RECIPES["polychromify_ab"], states) == "epoch 4, 7"
    for name in ("polychromify_v1", "polychromify_v6"):
        chosen = best_epochs(RECIPES[name], states[:1])
        assert chosen == "epoch 4 (chosen on the graded images)"


def test_a_network_that_was_not_trained_has_no_best_epoch():
    states = [TrainingState(epoch=9, best_epoch=4), TrainingState()]
    assert best_epochs(RECIPES["polychromify_ab"], states) == "epoch 4 of a"
    assert best_epochs(RECIPES["polychromify_ab"], states[::-1]) == "epoch 4 of b"
