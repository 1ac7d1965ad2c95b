"""The local server: sockets, people, history. Never imports torch."""
