"""Floods: what feeds bring at once, and what is held until an admin decides."""

STATEMENTS = (
    """CREATE TABLE bursts (
        feed_id TEXT NOT NULL,
        at BIGINT NOT NULL,
        entries INTEGER NOT NULL,
        PRIMARY KEY (feed_id, at)
    )""",
    """CREATE TABLE holds (
        hold_id TEXT NOT NULL,
        feed_id TEXT NOT NULL,
        platform TEXT NOT NULL,
        channel TEXT NOT NULL,
        flood TEXT NOT NULL,
        entries INTEGER NOT NULL,
        held_at BIGINT NOT NULL,
        change_id TEXT,
        PRIMARY KEY (hold_id)
    )""",
    "CREATE INDEX holds_feed ON holds (feed_id, held_at)",
    "CREATE INDEX holds_open ON holds (change_id, held_at)",
    # What waited as a flood before there were holds is gathered into the next digest.
)
