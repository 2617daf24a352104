"""What a user of the library holds in hand: a Trace, how it is made, changed, compared and kept."""
