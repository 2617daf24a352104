"""Pure functions that draw: numbers, words and colours in, a Plotly figure out. No state, no files."""
