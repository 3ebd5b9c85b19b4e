"""The ledger on disk. The only room that knows SQLAlchemy."""
