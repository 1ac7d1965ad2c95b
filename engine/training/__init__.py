"""How the token engine's weights are made: pictures, three stages, checkpoints. See `python -m engine.training -h`."""
