"""Signing keys, and the definitions of actions."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the two tables."""
    op.create_table(
        "signing_keys",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("site", sa.String(64), sa.ForeignKey("sites.id"), nullable=False, index=True),
        sa.Column("kid", sa.String(128)),
        sa.Column("alg", sa.String(16), nullable=False),
        sa.Column("jwk", sa.Text, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
    )
    op.create_table(
        "definitions",
        sa.Column("site", sa.String(64), sa.ForeignKey("sites.id"), primary_key=True),
        sa.Column("action", sa.String(32), primary_key=True),
        sa.Column("content", sa.JSON, nullable=False),
    )
