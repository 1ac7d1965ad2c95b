"""What invents pixels. Each model has one public call, `regenerate`, and says in its docstring what it can do."""
