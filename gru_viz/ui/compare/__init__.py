"""What the Compare page is made of, a concept a file."""
