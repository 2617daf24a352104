"""What the Bi-GRU page is made of, a concept a file."""
