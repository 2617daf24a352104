"""JavaScript that reads a Plotly figure in the browser, as a person would: from what is drawn."""

LETTERS = """
const letters = (figure) => {
  const ticks = [...figure.querySelectorAll(".xtick text")];
  const left = (tick) => tick.getBoundingClientRect().left;
  return ticks.sort((a, b) => left(a) - left(b)).map((tick) => tick.textContent).join("");
};
"""
"""`letters(figure)`: the letters above the columns, from left to right."""
