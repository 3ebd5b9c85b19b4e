"""Paper and slides: what leaves the app as a file."""
