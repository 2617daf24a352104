"""What every visit and every keystroke runs: page set-up, language, the list of pages."""

import streamlit as st

from gru_viz.ui.bigru.page import bigru
from gru_viz.ui.compare.page import compare
from gru_viz.ui.explore.page import explore
from gru_viz.ui.kit.appearance import ICON
from gru_viz.ui.kit.i18n import t
from gru_viz.ui.kit.masthead import language
from gru_viz.ui.kit.notices import in_words
from gru_viz.ui.kit.turns import TURNS
from gru_viz.ui.kit.visits import visit
from gru_viz.ui.train.page import train


def front() -> None:
    """Draw the page that the address asks for."""
    with TURNS.turn():
        visit()
        language()
        st.set_page_config(page_title=t("app.title"), page_icon=ICON, layout="wide")
        pages = [
            st.Page(explore, title=t("page.explore"), default=True),
            st.Page(bigru, title=t("page.bigru"), url_path="bi-gru"),
            st.Page(compare, title=t("page.compare"), url_path="compare"),
            st.Page(train, title=t("page.train"), url_path="train"),
        ]
        with in_words():
            st.navigation(pages, position="top").run()
