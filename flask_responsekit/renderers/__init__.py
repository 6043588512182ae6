"""Plain data and documents to what is sent, one file per media type."""
