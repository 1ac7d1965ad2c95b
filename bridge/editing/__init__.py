"""One edit, from the words to the acknowledged version; `edit.py` tells it top to bottom."""
