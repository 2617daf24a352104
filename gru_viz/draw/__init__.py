"""From plain values to pictures: the palette, Plotly figures, the player's bytes."""
