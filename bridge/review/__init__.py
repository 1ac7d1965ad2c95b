"""How a team talks about versions: comments, verdicts, and small pictures to look at."""
