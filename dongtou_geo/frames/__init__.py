"""The border: what a valid frame is, and the only code that measures land."""
