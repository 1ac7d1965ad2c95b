"""The numbers of the method."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recipe:
    """Found by measurement on photographs (`inlay bench fill`), not by theory.

    Attributes:
        radius: half side of a patch, at every level.
        coarsest_thickness_px: the coarsest level's hole holds no larger square: there structure is decided.
        coarsest_pairs: most hole pixels × window pixels at the coarsest level.
        least_side_px: no level is smaller.
        dims_exact, dims_guessed: length of projected patches where all pairs are compared, and where guesses are.
        rounds_coarsest, rounds_exact, rounds_guessed: rounds of match and vote at such a level.
        shifts, least_shifts: how many of the picture's own offsets a shift map chooses from; with fewer there is none.
        shift_pairs: most hole pixels × shifts × shifts: its memory.
        rounds_shifted: rounds of match and vote after it; more of them undo what it kept whole.
        shifted_below: it is preferred where its misfit is below this share of the peeled guess's.
        rounds_guess, guess_below: the same for a guess; a `guess_below` of infinity insists on it.
        exact_pairs: most targets × sources for which all pairs are compared.
        most_searched_px: windows above this many pixels take the coarser level's matches as they are: the features
            of a larger one would cost more memory than an edit may.
        falloff: trust lost a pixel of depth in the hole (Wexler et al. 2007 use 1.3).
        seed_jitter: share of the patches' variance by which the seed prefers some sources to others in the first guess
            only: kept up through the rounds it flattened texture.
    """

    radius: int = 3
    coarsest_thickness_px: int = 28
    coarsest_pairs: int = 20_000_000
    least_side_px: int = 16
    dims_exact: int = 24
    dims_guessed: int = 12
    rounds_coarsest: int = 4
    rounds_exact: int = 1
    rounds_guessed: int = 1
    shifts: int = 24
    least_shifts: int = 12
    shift_pairs: int = 4_000_000
    rounds_shifted: int = 2
    shifted_below: float = 0.9
    rounds_guess: int = 2
    guess_below: float = 0.9
    exact_pairs: int = 30_000_000
    most_searched_px: int = 1_500_000
    falloff: float = 2.0
    seed_jitter: float = 0.03
