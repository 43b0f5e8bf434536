-- The first schema: this instance, its agents, and who is logged in.
-- Times are milliseconds since the Unix epoch. The last two lines mark the file as Maestro's
-- and name the version that it has reached; later migrations set the version only.

CREATE TABLE instance (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    -- part of cookie names; cookies do not know ports
    id   TEXT NOT NULL CHECK (length(id) = 8 AND id NOT GLOB '*[^a-z2-7]*')
) STRICT;

CREATE TABLE agents (
    id            TEXT PRIMARY KEY NOT NULL,
    name          TEXT NOT NULL UNIQUE,
    program       TEXT NOT NULL,
    args          TEXT NOT NULL CHECK (json_valid(args)),
    folder        TEXT NOT NULL,
    note          TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('stopped', 'running', 'exited', 'lost')),
    -- when it entered this state; a stopped agent has no such time
    state_at_ms   INTEGER CHECK ((state_at_ms IS NULL) = (state = 'stopped')),
    exit_code     INTEGER CHECK (exit_code IS NULL OR state = 'exited'),
    created_at_ms INTEGER NOT NULL
) STRICT;

-- Only hashes are stored: who reads this file cannot log in with it.
CREATE TABLE login_links (
    token_hash    BLOB PRIMARY KEY NOT NULL CHECK (length(token_hash) = 32),
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    used_at_ms    INTEGER
) STRICT;

CREATE TABLE logins (
    id              TEXT PRIMARY KEY NOT NULL,
    token_hash      BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    secret_hash     BLOB NOT NULL CHECK (length(secret_hash) = 32),
    created_at_ms   INTEGER NOT NULL,
    last_seen_at_ms INTEGER NOT NULL,
    user_agent      TEXT NOT NULL
) STRICT;

PRAGMA application_id = 1298228595; -- "Maes"
PRAGMA user_version = 1;
