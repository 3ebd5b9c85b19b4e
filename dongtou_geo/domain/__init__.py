"""Pure rules: places, events, the land account, targets and progress. Standard library only."""
