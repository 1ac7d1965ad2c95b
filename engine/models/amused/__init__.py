"""aMUSEd 256 and 512 (Patil et al. 2024, arXiv 2401.01808): diffusers' networks, our own loop and our own forward."""
