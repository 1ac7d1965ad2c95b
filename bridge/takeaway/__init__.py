"""Taking away: a version as a picture, a whole document as one file, a review as a report."""
