"""All recipes by name. A new system is a file here and a line in `RECIPES`."""

from experiments.recipe import Recipe
from experiments.recipes import cnn, polychromify, polychromify_ab, polychromify_selection

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        polychromify_ab.RECIPE,
        polychromify.RECIPE,
        polychromify.OVERFIT,
        cnn.RECIPE,
        *polychromify_selection.RECIPES,
    )
}
