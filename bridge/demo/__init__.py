"""`inlay demo`: real edits of three photographs over a real socket."""
