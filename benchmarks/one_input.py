"""The least a Streamlit page can do with a keystroke: one live field, and its text again.

What `benchmarks.load` measures Explore against."""

import streamlit as st

st.write(st.text_input("text", "rossellini", key="text", live="60ms"))
