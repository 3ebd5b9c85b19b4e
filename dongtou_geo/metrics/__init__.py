"""Accounts and frames in; progress, gaps and comparisons out. Pure."""
