"""Editing from chat: what people decided, who did it, what they think, and what they asked for."""

STATEMENTS = (
    """CREATE TABLE things (
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        number BIGINT NOT NULL,
        until BIGINT NOT NULL,
        document TEXT NOT NULL,
        PRIMARY KEY (kind, name)
    )""",
    "CREATE INDEX things_order ON things (number)",
    "CREATE INDEX things_until ON things (kind, until)",
    """CREATE TABLE changes (
        change_id TEXT NOT NULL,
        at BIGINT NOT NULL,
        number INTEGER NOT NULL,
        workspace TEXT NOT NULL,
        subject TEXT NOT NULL,
        refused BOOLEAN NOT NULL,
        document TEXT NOT NULL,
        PRIMARY KEY (change_id)
    )""",
    "CREATE INDEX changes_at ON changes (at, number)",
    "CREATE INDEX changes_workspace ON changes (workspace, at, number)",
    "CREATE INDEX changes_subject ON changes (workspace, subject, at, number)",
    """CREATE TABLE feedback (
        alert_id TEXT NOT NULL,
        user_id TEXT NOT NULL,
        workspace TEXT NOT NULL,
        opinion TEXT NOT NULL,
        at BIGINT NOT NULL,
        PRIMARY KEY (alert_id, user_id)
    )""",
    """CREATE TABLE rated_rules (
        rule TEXT NOT NULL,
        alert_id TEXT NOT NULL,
        PRIMARY KEY (rule, alert_id)
    )""",
    """CREATE TABLE drafts (
        draft_id TEXT NOT NULL,
        made_at BIGINT NOT NULL,
        document TEXT NOT NULL,
        PRIMARY KEY (draft_id)
    )""",
    "CREATE INDEX drafts_age ON drafts (made_at)",
    """CREATE TABLE errands (
        errand_id TEXT NOT NULL,
        platform TEXT NOT NULL,
        taken_at BIGINT NOT NULL,
        answered BOOLEAN NOT NULL,
        document TEXT NOT NULL,
        PRIMARY KEY (errand_id)
    )""",
    "CREATE INDEX errands_age ON errands (taken_at)",
)
