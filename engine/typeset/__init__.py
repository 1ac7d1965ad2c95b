"""Letters: fonts that are installed, lines in a place, and a colour that reads against what is beneath."""
