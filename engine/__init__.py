"""Pixels in, pixels out. Knows nothing of sockets, people or history."""
