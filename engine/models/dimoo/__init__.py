"""Lumina-DiMOO (arXiv 2510.06308): an 8B LLaDA that reads words and picture tokens as one sequence. See `model`."""
