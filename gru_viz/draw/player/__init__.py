"""The animated player: what of a trace it is sent (`wire.py`), and the page in which it runs (`web/`, `bundle.py`)."""
