"""What the repository itself says: the plan under geodata/, and how layers/ draw it."""
