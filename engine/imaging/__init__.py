"""Stored pixels to working pixels and back: layers, masks, the membrane and the last, exact composite."""
