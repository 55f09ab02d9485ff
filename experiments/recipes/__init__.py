"""All recipes by name. A new system is a file here and a line in `RECIPES`."""

from experiments.recipe import Recipe
from experiments.recipes import (
    cgan,
    cnn,
    dtu,
    eccv16,
    photo,
    polychromify,
    polychromify_ab,
    polychromify_selection,
    siggraph17,
    tiny,
    uci,
    vgg16,
    vvit,
)

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        polychromify_ab.RECIPE,
        polychromify.RECIPE,
        polychromify.OVERFIT,
        cnn.RECIPE,
        *polychromify_selection.RECIPES,
        *dtu.RECIPES,
        dtu.LIGHT,
        dtu.ON_LITE0,
        vgg16.REGRESSION,
        vgg16.CLASSIFICATION,
        eccv16.RECIPE,
        eccv16.NARROW,
        eccv16.NARROW_PLAIN,
        siggraph17.RECIPE,
        siggraph17.NARROW,
        cgan.RECIPE,
        cgan.ONE_LAYER,
        cgan.NON_SATURATING_GAME,
        uci.GAN,
        uci.GAN_ADVERSARIAL,
        uci.VAE,
        uci.VAE_AS_REPORTED,
        vvit.UNET,
        *vvit.PATCHES,
        *vvit.ALONE,
        vvit.RESNET,
        vvit.FUSION,
        tiny.RECIPE,
        photo.RECIPE,
    )
}
