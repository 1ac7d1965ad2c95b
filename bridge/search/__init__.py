"""Finding versions, comments and verdicts in all documents that one may see."""
