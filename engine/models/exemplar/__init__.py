"""The exemplar model: its vocabulary is the layer's own patches.

Coarse to fine, each masked position takes the patch of the known picture that fits its surroundings (Efros and
Leung 1999; Wexler et al. 2007; PatchMatch, Barnes et al. 2009; He and Sun 2012; Image Melding, Darabi et al. 2012).
"""

from engine.models.exemplar.model import regenerate
from engine.models.exemplar.recipe import Recipe
from engine.models.exemplar.report import ModelReport

__all__ = ["ModelReport", "Recipe", "regenerate"]
