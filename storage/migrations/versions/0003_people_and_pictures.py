"""What is known of people, their wishes about it, and the pictures that the bot makes"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("customers", sa.Column("informed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("customers", sa.Column("no_recommendations_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("conversations", sa.Column("shared", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_index(op.f("ix_deliveries_message_id"), "deliveries", ["message_id"])
    _facts()
    _link_codes()
    _summaries()
    _pictures()
    _withheld()
    _erasures()


def _facts() -> None:
    op.create_table(
        "facts",
        sa.Column("id", sa.String(length=255), nullable=False),
        sa.Column("customer_id", sa.String(length=255), nullable=False),
        sa.Column("message_id", sa.String(length=255), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=16), nullable=True),
        _belongs_to("facts", "customer_id", "customers"),
        _belongs_to("facts", "message_id", "messages"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facts")),
    )
    op.create_index("ix_facts_customer_id", "facts", ["customer_id", "created_at"])
    op.create_index(op.f("ix_facts_message_id"), "facts", ["message_id"])


def _link_codes() -> None:
    op.create_table(
        "link_codes",
        sa.Column("digest", sa.String(length=255), nullable=False),
        sa.Column("customer_id", sa.String(length=255), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        _belongs_to("link_codes", "customer_id", "customers"),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_link_codes")),
    )
    op.create_index(op.f("ix_link_codes_customer_id"), "link_codes", ["customer_id"])


def _summaries() -> None:
    op.create_table(
        "summaries",
        sa.Column("conversation_id", sa.String(length=255), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _belongs_to("summaries", "conversation_id", "conversations"),
        sa.PrimaryKeyConstraint("conversation_id", "number", name=op.f("pk_summaries")),
    )


def _pictures() -> None:
    op.create_table(
        "pictures",
        sa.Column("id", sa.String(length=255), nullable=False),
        sa.Column("digest", sa.String(length=255), nullable=False),
        sa.Column("customer_id", sa.String(length=255), nullable=True),
        sa.Column("message_id", sa.String(length=255), nullable=True),
        sa.Column("url", sa.String(length=255), nullable=False),
        sa.Column("model", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("sources", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _belongs_to("pictures", "customer_id", "customers", ondelete="SET NULL"),
        _belongs_to("pictures", "message_id", "messages", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pictures")),
    )
    op.create_index(op.f("ix_pictures_digest"), "pictures", ["digest"])
    op.create_index("ix_pictures_customer_id", "pictures", ["customer_id", "created_at"])
    op.create_index(op.f("ix_pictures_message_id"), "pictures", ["message_id"])


def _withheld() -> None:
    op.create_table(
        "withheld",
        sa.Column("id", sa.String(length=255), nullable=False),
        sa.Column("conversation_id", sa.String(length=255), nullable=False),
        sa.Column("message_id", sa.String(length=255), nullable=True),
        sa.Column("direction", sa.String(length=3), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("label", sa.String(length=32), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        _belongs_to("withheld", "conversation_id", "conversations"),
        _belongs_to("withheld", "message_id", "messages"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withheld")),
    )
    op.create_index(op.f("ix_withheld_conversation_id"), "withheld", ["conversation_id"])
    op.create_index(op.f("ix_withheld_message_id"), "withheld", ["message_id"])
    op.create_index(op.f("ix_withheld_created_at"), "withheld", ["created_at"])


def _erasures() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", sa.String(length=255), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
    )


def _belongs_to(table: str, column: str, owner: str, ondelete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{owner}.id"], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete)
