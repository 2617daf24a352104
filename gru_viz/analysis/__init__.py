"""Numbers computed from traces and cards, and what a measured claim stands on; no drawing, no page."""
