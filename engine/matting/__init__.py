"""Cutting a subject out: where it is, how much of each pixel is its, and what colour it is there."""
