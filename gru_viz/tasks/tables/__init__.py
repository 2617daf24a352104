"""A visitor's own table: bytes or pasted text in, named columns out, and a record of everything that was guessed."""
