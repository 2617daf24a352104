"""Texts of unequal lengths side by side: a reader from the end must begin at each text's own end."""

from __future__ import annotations

from torch import Tensor
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from gru_viz.models.sequence import SequenceModel


def scores(model: SequenceModel, ids: Tensor, lengths: Tensor) -> Tensor:
    """(T, B, V) on the model's device: scores for padded ids (T, B); what stands behind a text's end means nothing.

    A model that reads forward passes over the padding in any case; to one that reads both ways the texts are given
    packed, as a page gives it a text: without anything behind its end.
    """
    ids = ids.to(model.device)
    if not model.rnn.bidirectional:
        return model(ids)[0]
    assert model.embedding is not None
    assert model.head is not None
    packed = pack_padded_sequence(model.embedding(ids), lengths.cpu(), enforce_sorted=False)
    return model.head(pad_packed_sequence(model.rnn(packed)[0], total_length=len(ids))[0])
