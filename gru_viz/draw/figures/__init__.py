"""Pure functions that draw: numbers and labels in, a Plotly figure out. No state, no language, no files."""
