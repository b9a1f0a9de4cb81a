"""The first tables."""

STATEMENTS = (
    """CREATE TABLE aliases (
        alias TEXT NOT NULL,
        article_id TEXT NOT NULL,
        content_hash TEXT NOT NULL,
        PRIMARY KEY (alias)
    )""",
    """CREATE TABLE articles (
        article_id TEXT NOT NULL,
        version INTEGER NOT NULL,
        published_at BIGINT NOT NULL,
        document TEXT NOT NULL,
        PRIMARY KEY (article_id, version)
    )""",
    """CREATE TABLE channels (
        platform TEXT NOT NULL,
        channel TEXT NOT NULL,
        fence INTEGER NOT NULL,
        lease_until BIGINT NOT NULL,
        next_send_at BIGINT NOT NULL,
        parked_code TEXT,
        parked_advice TEXT,
        parked_since BIGINT,
        PRIMARY KEY (platform, channel)
    )""",
    """CREATE TABLE feeds (
        feed_id TEXT NOT NULL,
        url TEXT NOT NULL,
        polled BOOLEAN NOT NULL,
        address TEXT NOT NULL,
        next_poll_at BIGINT NOT NULL,
        etag TEXT,
        last_modified TEXT,
        body_hash TEXT,
        baseline_done BOOLEAN NOT NULL,
        last_polled_at BIGINT,
        last_success_at BIGINT,
        last_new_at BIGINT,
        failures INTEGER NOT NULL,
        failing_since BIGINT,
        last_error TEXT,
        moved_to TEXT,
        moved_since BIGINT,
        interval_seconds INTEGER,
        PRIMARY KEY (feed_id)
    )""",
    "CREATE INDEX feeds_due ON feeds (polled, next_poll_at, feed_id)",
    """CREATE TABLE platforms (
        platform TEXT NOT NULL,
        paused_until BIGINT NOT NULL,
        shut_code TEXT,
        shut_advice TEXT,
        shut_since BIGINT,
        PRIMARY KEY (platform)
    )""",
    """CREATE TABLE stories (
        story_id TEXT NOT NULL,
        updated_at BIGINT NOT NULL,
        document TEXT NOT NULL,
        PRIMARY KEY (story_id)
    )""",
    """CREATE TABLE alerts (
        alert_id TEXT NOT NULL,
        platform TEXT NOT NULL,
        channel TEXT NOT NULL,
        story_id TEXT NOT NULL,
        article_id TEXT NOT NULL,
        version INTEGER NOT NULL,
        turn INTEGER NOT NULL,
        decided_at BIGINT NOT NULL,
        reply_to TEXT,
        document TEXT NOT NULL,
        card TEXT,
        gathered_into TEXT,
        state TEXT NOT NULL,
        attempt INTEGER NOT NULL,
        fence INTEGER,
        intended_at BIGINT,
        look_at BIGINT,
        looks INTEGER NOT NULL,
        plain BOOLEAN NOT NULL,
        message TEXT,
        why TEXT NOT NULL,
        PRIMARY KEY (alert_id),
        FOREIGN KEY(platform, channel) REFERENCES channels (platform, channel)
    )""",
    "CREATE INDEX alerts_lane ON alerts (platform, channel, state, turn, decided_at, alert_id)",
    "CREATE INDEX alerts_look ON alerts (platform, channel, state, look_at)",
    "CREATE INDEX alerts_state ON alerts (state, decided_at)",
    "CREATE INDEX alerts_story ON alerts (story_id)",
    """CREATE TABLE matches (
        article_id TEXT NOT NULL,
        version INTEGER NOT NULL,
        rule TEXT NOT NULL,
        document TEXT NOT NULL,
        sentences TEXT NOT NULL,
        PRIMARY KEY (article_id, version, rule),
        FOREIGN KEY(article_id, version) REFERENCES articles (article_id, version)
    )""",
    """CREATE TABLE story_articles (
        article_id TEXT NOT NULL,
        story_id TEXT NOT NULL,
        PRIMARY KEY (article_id),
        FOREIGN KEY(story_id) REFERENCES stories (story_id)
    )""",
)
