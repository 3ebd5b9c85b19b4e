"""HTTP routes mounted beside the pages, on the same port."""
