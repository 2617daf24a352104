"""The least a Streamlit page can do with a letter: the same field, and one component that writes the text it is sent.

What `benchmarks.keystroke` says Explore's own share by.
"""

import streamlit as st
from streamlit.components.v2 import component

from gru_viz.ui.kit.live_field import live_field, typed

WRITTEN = component(
    "written",
    html='<p data-testid="ribbon-token"></p>',
    js="""export default ({ data, parentElement }) => {
      const place = parentElement.querySelector("p")
      const text = new TextDecoder().decode(data)
      place.replaceChildren(text)
      place.dataset.step = text.length - 1
    }""",
)


@st.fragment
def page() -> None:
    live_field("rossellini", 0, "text", "", key="text")
    told = typed("text")
    WRITTEN(key="written", data=(told.text if told else "rossellini").encode())


st.set_page_config(layout="wide")
page()
