"""What Explore, the home page, is made of, a concept a file."""
