"""Sharp renders of the words we know: colours, patterns, materials and scenes, in batches, at any size."""
