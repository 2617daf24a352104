"""GRU Explorer's front door: page set-up, language, the list of pages. Start it with `streamlit run app.py`."""

import streamlit as st

from gru_viz.ui.appearance import ICON
from gru_viz.ui.heap import settle_first, visit
from gru_viz.ui.i18n import t
from gru_viz.ui.pages.bigru import bigru
from gru_viz.ui.pages.compare import compare
from gru_viz.ui.pages.explore import explore
from gru_viz.ui.pages.train import train
from gru_viz.ui.training.session import visitor_is_here
from gru_viz.ui.widgets.masthead import language

settle_first()
visit()
language()
st.set_page_config(page_title=t("app.title"), page_icon=ICON, layout="wide")
pages = [
    st.Page(explore, title=t("page.explore"), default=True),
    st.Page(bigru, title=t("page.bigru"), url_path="bi-gru"),
    st.Page(compare, title=t("page.compare"), url_path="compare"),
    st.Page(train, title=t("page.train"), url_path="train"),
]
visitor_is_here()
st.navigation(pages, position="top").run()
