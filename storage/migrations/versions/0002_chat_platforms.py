"""What chat platforms need: origins of messages, replies in parts, and files"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _conversations()
    _messages()
    _deliveries()
    _parts()
    _files()


def _conversations() -> None:
    op.add_column("conversations", sa.Column("chosen_language", sa.String(length=35), nullable=True))
    op.add_column("conversations", sa.Column("settles_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("conversations", sa.Column("opened", sa.Text(), nullable=True))
    op.add_column("conversations", sa.Column("unreachable_since", sa.DateTime(timezone=True), nullable=True))


def _messages() -> None:
    op.add_column("messages", sa.Column("origin", sa.Text(), nullable=True))
    op.add_column("messages", sa.Column("superseded_by", sa.String(length=255), nullable=True))


def _deliveries() -> None:
    op.add_column("deliveries", sa.Column("origin", sa.Text(), nullable=True))
    op.add_column("deliveries", sa.Column("opened", sa.Text(), nullable=True))
    op.add_column("deliveries", sa.Column("parts_sent", sa.Integer(), server_default="0", nullable=False))
    op.create_index(
        "ix_deliveries_sent_as",
        "deliveries",
        ["conversation_id", "platform_id"],
        sqlite_where=sa.text("platform_id IS NOT NULL"),
        postgresql_where=sa.text("platform_id IS NOT NULL"),
    )


def _parts() -> None:
    op.create_table(
        "parts",
        sa.Column("delivery_id", sa.String(length=255), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=255), nullable=False),
        sa.Column("platform_id", sa.String(length=255), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_parts_conversation_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_parts_delivery_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("delivery_id", "position", name=op.f("pk_parts")),
    )
    op.create_index("ix_parts_sent_as", "parts", ["conversation_id", "platform_id"])


def _files() -> None:
    op.create_table(
        "files",
        sa.Column("id", sa.String(length=255), nullable=False),
        sa.Column("digest", sa.String(length=255), nullable=False),
        sa.Column("mime", sa.String(length=255), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_files")),
    )
