"""The wire: messages, how they become bytes, and what may follow what. No sockets here."""
