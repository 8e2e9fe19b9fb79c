"""Steps of the control database's schema, run by Alembic."""
