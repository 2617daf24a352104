"""How a trace is computed fast, and how it was."""
