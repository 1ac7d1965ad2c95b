"""Who may talk to the bridge and what they may do."""
