"""The audit log; rules and archiving of sites; lists, address ranges and last use of API keys; old tracker keys."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the new tables and columns. What is there already has no rules, no lists and is not archived."""
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("who_kind", sa.String(16), nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("site", sa.String(64)),
        sa.Column("what", sa.String(64), nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True)),
        sa.Column("after", sa.JSON(none_as_null=True)),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_site", "audit", ["site"])
    op.add_column("sites", sa.Column("rules", sa.JSON, nullable=False, server_default="{}"))
    op.add_column("sites", sa.Column("archived", sa.BigInteger))
    op.create_table(
        "old_tracker_keys",
        sa.Column("tracker_key", sa.String(64), primary_key=True),
        sa.Column("site", sa.String(64), sa.ForeignKey("sites.id"), nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
    )
    op.add_column("api_keys", sa.Column("allow", sa.JSON, nullable=False, server_default="[]"))
    op.add_column("api_keys", sa.Column("deny", sa.JSON, nullable=False, server_default="[]"))
    op.add_column("api_keys", sa.Column("ip_ranges", sa.JSON, nullable=False, server_default="[]"))
    op.add_column("api_keys", sa.Column("last_used", sa.BigInteger))
