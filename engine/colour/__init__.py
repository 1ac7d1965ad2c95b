"""Colour as light: curves of profiles, OKLab, changes of light and colour. Maths on tensors; no files, no layers."""
