"""What the Train page is made of, a concept a file."""
