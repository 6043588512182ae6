"""Return anything from a Flask view; the client gets the right HTTP response."""
