"""What the Explore page is made of, a concept a file."""
