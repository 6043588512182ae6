"""What values of other libraries become, one file per library."""
