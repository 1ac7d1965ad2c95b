"""Benchmarks: `inlay bench NAME`."""
