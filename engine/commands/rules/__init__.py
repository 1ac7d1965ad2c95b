"""Rules: each takes one clause and gives the wishes it holds, or None when it is about something else."""
