"""Use cases, each written once for page, command and route."""
