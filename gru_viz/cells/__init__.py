"""The equations and what each cell is: open `gru.py` first."""
