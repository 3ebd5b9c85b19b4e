"""How a ledger of an older version becomes today's, one file a step, run by Alembic.

A revision is numbered like ``schema_version`` in the ledger's ``meta``, which alone says what a
ledger is; so there is no table of Alembic's. The derived tables are built anew after the last
step, whatever the steps were.
"""
