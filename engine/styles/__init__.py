"""Manners in which a picture can be drawn anew, each from the layer's own pixels: words, maths, and who does which."""
