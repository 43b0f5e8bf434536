-- Who may do what: roles and names of logins, tokens of scripts and of terminals, counted
-- attempts, and the audit trail.
--
-- A role is viewer, operator or owner. A word that is none of them is read as viewer.

ALTER TABLE login_links RENAME TO login_links_2;

CREATE TABLE login_links (
    token_hash    BLOB PRIMARY KEY NOT NULL CHECK (length(token_hash) = 32),
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    used_at_ms    INTEGER,
    role          TEXT NOT NULL,
    made_by       TEXT, -- the login that made it; none for the command line
    seal          INTEGER NOT NULL
) STRICT;

INSERT INTO login_links
SELECT token_hash, created_at_ms, expires_at_ms, used_at_ms, 'owner', NULL, 0 FROM login_links_2;

DROP TABLE login_links_2;

ALTER TABLE logins RENAME TO logins_2;

CREATE TABLE logins (
    id              TEXT PRIMARY KEY NOT NULL,
    token_hash      BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    secret_hash     BLOB NOT NULL CHECK (length(secret_hash) = 32),
    created_at_ms   INTEGER NOT NULL,
    last_seen_at_ms INTEGER NOT NULL,
    user_agent      TEXT NOT NULL,
    role            TEXT NOT NULL,
    name            TEXT NOT NULL,
    how             TEXT NOT NULL CHECK (how IN ('link', 'paired')),
    fresh_at_ms     INTEGER NOT NULL, -- when it last proved who it is
    address         TEXT NOT NULL,    -- where it came in from; empty if that was not noted
    seal            INTEGER NOT NULL
) STRICT;

-- Names come from user agents, which SQL cannot read: they are set after the last migration.
INSERT INTO logins
SELECT id, token_hash, secret_hash, created_at_ms, last_seen_at_ms, user_agent,
       'owner', '', 'link', created_at_ms, '', 0
FROM logins_2;

DROP TABLE logins_2;

-- When somebody was first let in, which outlasts every login; and the backup that this database
-- was until the first start since.
ALTER TABLE instance ADD COLUMN claimed_at_ms INTEGER;
ALTER TABLE instance ADD COLUMN restored_from TEXT;

UPDATE instance SET claimed_at_ms = (SELECT min(created_at_ms) FROM logins);

CREATE TABLE tokens (
    id              TEXT PRIMARY KEY NOT NULL,
    name            TEXT NOT NULL UNIQUE,
    token_hash      BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    role            TEXT NOT NULL CHECK (role <> 'owner'),
    created_at_ms   INTEGER NOT NULL,
    expires_at_ms   INTEGER,
    last_used_at_ms INTEGER,
    prefix          TEXT NOT NULL, -- its first characters, to find it again in a leak
    seal            INTEGER NOT NULL
) STRICT;

-- What a terminal's session may show for itself. Not bound to a table: sessions end on their own.
CREATE TABLE session_tokens (
    terminal      TEXT PRIMARY KEY NOT NULL,
    token_hash    BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    created_at_ms INTEGER NOT NULL,
    seal          INTEGER NOT NULL
) STRICT;

CREATE TABLE throttle (
    key              TEXT PRIMARY KEY NOT NULL,
    failures         INTEGER NOT NULL CHECK (failures >= 0),
    blocked_until_ms INTEGER NOT NULL,
    last_ms          INTEGER NOT NULL,
    seal             INTEGER NOT NULL
) STRICT;

CREATE INDEX throttle_by_age ON throttle (last_ms);

-- Numbers come from the writer, one after the other: a gap would look like a lost entry.
CREATE TABLE audit (
    seq     INTEGER PRIMARY KEY,
    at_ms   INTEGER NOT NULL,
    who     TEXT NOT NULL,
    how     TEXT NOT NULL,
    action  TEXT NOT NULL,
    object  TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('done', 'denied', 'failed')),
    detail  TEXT NOT NULL,
    hash    BLOB NOT NULL CHECK (length(hash) = 32), -- covers the hash before and this entry
    seal    INTEGER NOT NULL
) STRICT;

CREATE INDEX audit_by_outcome ON audit (outcome);

-- Hashes of the trail that were signed.
CREATE TABLE audit_heads (
    seq       INTEGER PRIMARY KEY REFERENCES audit (seq),
    at_ms     INTEGER NOT NULL,
    hash      BLOB NOT NULL CHECK (length(hash) = 32),
    signature BLOB NOT NULL,
    seal      INTEGER NOT NULL
) STRICT;

-- Append-only. Replacing a row would get past the others, so a new one must be the next one.
-- Seals are not content: a later migration renews them.

CREATE TRIGGER audit_grows_by_one BEFORE INSERT ON audit
WHEN NEW.seq IS NOT (SELECT ifnull(max(seq), 0) + 1 FROM audit)
BEGIN SELECT raise(ABORT, 'the audit trail only grows'); END;

CREATE TRIGGER audit_is_not_changed
BEFORE UPDATE OF seq, at_ms, who, how, action, object, outcome, detail, hash ON audit
BEGIN SELECT raise(ABORT, 'the audit trail only grows'); END;

CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
BEGIN SELECT raise(ABORT, 'the audit trail only grows'); END;

CREATE TRIGGER audit_heads_grow BEFORE INSERT ON audit_heads
WHEN NEW.seq <= (SELECT max(seq) FROM audit_heads)
BEGIN SELECT raise(ABORT, 'the audit trail only grows'); END;

CREATE TRIGGER audit_heads_are_not_changed
BEFORE UPDATE OF seq, at_ms, hash, signature ON audit_heads
BEGIN SELECT raise(ABORT, 'the audit trail only grows'); END;

CREATE TRIGGER audit_heads_are_not_deleted BEFORE DELETE ON audit_heads
BEGIN SELECT raise(ABORT, 'the audit trail only grows'); END;

PRAGMA user_version = 3;
