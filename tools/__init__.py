"""What the Makefile and the tests need besides the library."""
