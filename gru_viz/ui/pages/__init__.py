"""One file a page, each a story from top to bottom."""
