"""Explore, the home page."""
