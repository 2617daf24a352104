"""Models of other libraries: a file a format, and a row here for each. None yet."""
