"""Roles per site, invitations, second factors, and what is shown of a login."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Everybody who is there already stays what they are: an admin of everything."""
    op.add_column("users", sa.Column("disabled", sa.BigInteger))
    op.add_column("users", sa.Column("subject", sa.String(600)))
    op.add_column("users", sa.Column("totp_secret", sa.String(64)))
    op.add_column("users", sa.Column("totp_waiting", sa.String(64)))
    op.add_column("users", sa.Column("totp_step", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("users", sa.Column("totp_failures", sa.Integer, nullable=False, server_default="0"))
    op.add_column("users", sa.Column("totp_failed", sa.BigInteger, nullable=False, server_default="0"))
    op.create_index("users_subject", "users", ["subject"], unique=True)
    op.add_column("logins", sa.Column("address", sa.String(45), nullable=False, server_default=""))
    op.add_column("logins", sa.Column("agent", sa.String(300), nullable=False, server_default=""))
    op.add_column("logins", sa.Column("seen", sa.BigInteger, nullable=False, server_default="0"))
    op.create_table(
        "user_roles",
        sa.Column("user", sa.String(200), sa.ForeignKey("users.name", ondelete="CASCADE"), primary_key=True),
        sa.Column("site", sa.String(64), sa.ForeignKey("sites.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("role", sa.String(32), nullable=False),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("user", sa.String(200), sa.ForeignKey("users.name", ondelete="CASCADE"), primary_key=True),
        sa.Column("code_hash", sa.LargeBinary(32), primary_key=True),
    )
    op.create_table(
        "invitations",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("token_hash", sa.LargeBinary(32), nullable=False, unique=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("user", sa.String(200), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("sites", sa.JSON, nullable=False),
        sa.Column("made_by", sa.String(220), nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
    )
