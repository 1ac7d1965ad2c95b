"""One file an operation; `reach` (without torch) says how much of the layer each has to see."""
