"""入库: a file that came in is understood, checked, compared with the ledger, and written once."""
