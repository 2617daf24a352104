"""Numbers computed from a Trace; no drawing, no page."""
