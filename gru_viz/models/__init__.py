"""Sequence models: load one by name, read text or numbers with it, trace it, ask what it believes."""

from gru_viz.models.reading import UNKNOWN, Reading, Vocabulary
from gru_viz.models.sequence import Generated, SequenceModel
from gru_viz.models.zoo import available, load, seeded

__all__ = ["UNKNOWN", "Generated", "Reading", "SequenceModel", "Vocabulary", "available", "load", "seeded"]
