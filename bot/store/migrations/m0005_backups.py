"""Backups: since when a restored database does not know what was sent."""

STATEMENTS = (
    """CREATE TABLE restores (
        as_of BIGINT NOT NULL,
        PRIMARY KEY (as_of)
    )""",
)
