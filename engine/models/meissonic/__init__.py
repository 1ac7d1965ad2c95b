"""Meissonic (Bai et al. 2024, arXiv 2410.08261) and EditMGT (Chow et al. 2025, arXiv 2512.11715): one architecture."""
