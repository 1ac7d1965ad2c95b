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
        outwards: rows and columns of one step out of the picture, where the hole is a strip beyond its border; see
            `outwards`. (0, 0): a hole like any other.
        near: cost of a shift across that direction, in the picture's variances at the window's length (squared).
        strange: cost of what is unlike all that meets the border, a variance of difference.
        comb: cost of a short shift, which repeats what is at the border again and again, in variances.
        change: cost of another shift next door, in variances: copies stay whole.
        shifts_outwards, shifts_along, shift_pairs_outwards: as ``shifts``; so many of them lead straight back.
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
    outwards: tuple[int, int] = (0, 0)
    near: float = 10.0
    strange: float = 4.0
    change: float = 0.3
    comb: float = 2.0
    shifts_outwards: int = 36
    shifts_along: int = 16
    shift_pairs_outwards: int = 24_000_000
    falloff: float = 2.0
    seed_jitter: float = 0.03

    @staticmethod
    def going_outwards(down: int, right: int) -> Recipe:
        """For a strip beyond the border: decided at a finer level, where what meets the border can be told apart.

        Above and below it matters less how far to the side something lies than it does at the sides how far up.
        """
        near = 10.0 if right else 3.0
        return Recipe(outwards=(down, right), near=near, coarsest_thickness_px=56, coarsest_pairs=120_000_000)
