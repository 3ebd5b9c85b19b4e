"""One module a page: pick, call, show."""
