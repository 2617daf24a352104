"""GRU Explorer's front door. Start it with `gru-viz run`, or with `streamlit run app.py`.

Streamlit meets this file twice: as the server's module, which prepares while it waits for its first visitor, and as
the script that every visit and every keystroke runs.
"""

import streamlit as st

if __name__ == "__main__":
    from gru_viz.ui.front import front

    front()
else:
    from gru_viz.ui.first_page import routes
    from gru_viz.ui.serving import prepared

    app = st.App(__file__, lifespan=prepared, routes=routes())
