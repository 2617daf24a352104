"""What the server sends first: Streamlit's own page, and in it what need not wait for Streamlit to run.

Our style sheet, so that nothing is drawn elsewhere first; the instrument's skeleton; and the names of the scripts that
the first picture needs, which the browser else learns one after the other while it draws.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import streamlit
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route
from streamlit import config

from gru_viz.ui.kit import offered

STATIC = Path(streamlit.__file__).parent / "static"
SHEETS = tuple(Path(__file__).parent / "kit" / name for name in ("style.css", "skeleton.css"))
SKELETON = """<div class="gv-skeleton" aria-hidden="true"></div><script>
new MutationObserver((_, watch) => {
  if (!document.querySelector(".st-key-player, [data-test-script-state=notRunning]")) return;
  document.querySelector(".gv-skeleton").remove();
  watch.disconnect();
}).observe(document.body, { subtree: true, childList: true, attributeFilter: ["data-test-script-state"] });
</script>"""
"""It goes for good as soon as the player's own place is there, or the page has come to its end without one."""
ADDRESS = """<script>
(() => {
  const { pathname, search, hash } = location;
  if (!search || search.includes("embed")) return;
  history.replaceState(history.state, "", pathname + hash);
  new MutationObserver((_, watch) => {
    watch.disconnect();
    history.replaceState(history.state, "", pathname + search + hash);
  }).observe(document.getElementById("root"), { childList: true });
})();
</script>"""
"""Streamlit's front end notes the query it starts with, and asks a server that was started anew for that, whatever the
address bar says by then; where it starts without one it asks for what stands there. So it starts without one, and has
it back as soon as it stands, before it asks for anything. How it is embedded it reads while it starts."""
OTHERS = ("bi-gru", "compare", "train")
"""The addresses of the other pages: they have no skeleton."""
NEEDED = ("BidiComponent", "Html", "ButtonGroup", "serialization", "recordbatch", "purify.es")
"""The parts of Streamlit's front end that Explore draws with, by the names before their hashes."""


def routes() -> list[Route]:
    """The app's pages and its visitors' files, as a server serves them before Streamlit's own."""
    base = ("/" + config.get_option("server.baseUrlPath").strip("/")).rstrip("/")
    return [*(Route(f"{base}/{name}", _page) for name in ("", *OTHERS)), offered.route(base)]


def _page(request: Request) -> HTMLResponse:
    name = request.url.path.rstrip("/").rpartition("/")[2]
    return HTMLResponse(page(name not in OTHERS), headers={"Cache-Control": "no-cache"})


@cache
def page(skeleton: bool) -> str:
    """Streamlit's page with what is ours in it."""
    sheet = "\n".join(file.read_text(encoding="utf-8") for file in SHEETS)
    found = [file for name in NEEDED for file in sorted((STATIC / "static" / "js").glob(f"{name}.*.js"))]
    early = "".join(f'<link rel="modulepreload" crossorigin href="./static/js/{file.name}">' for file in found)
    # Last in the body: there our sheet stands after Streamlit's, as it does when the page itself brings it.
    ours = f"<style>{sheet}</style>{ADDRESS}{SKELETON if skeleton else ''}"
    html = (STATIC / "index.html").read_text(encoding="utf-8")
    return html.replace("</head>", f"{early}</head>", 1).replace("</body>", f"{ours}</body>", 1)
