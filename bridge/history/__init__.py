"""Documents, layers and their tree of versions: blobs first, then one transaction, only then acknowledged."""
