-- Agents that outlive crashes, edits and deletion: versions and history of their settings, a
-- trash, terminals beside the program's own, and the last screen of each terminal.
--
-- Every row ends with a seal: CRC-32 over its other columns (src/seal.rs). SQL cannot compute it,
-- so a migration writes 0 and all rows are sealed after the last one.

ALTER TABLE instance ADD COLUMN boot_id TEXT; -- of the machine, when it was last looked at
ALTER TABLE instance ADD COLUMN seal INTEGER NOT NULL DEFAULT 0;
ALTER TABLE login_links ADD COLUMN seal INTEGER NOT NULL DEFAULT 0;
ALTER TABLE logins ADD COLUMN seal INTEGER NOT NULL DEFAULT 0;

ALTER TABLE agents RENAME TO agents_1;

CREATE TABLE agents (
    id            TEXT PRIMARY KEY NOT NULL,
    name          TEXT NOT NULL,
    -- The other settings in one piece, as their versions have them: they are read and replaced as
    -- a whole and never asked for by part, and a field that is added later needs no migration.
    settings      TEXT NOT NULL CHECK (json_valid(settings)),
    version       INTEGER NOT NULL CHECK (version >= 1),
    conversation  TEXT NOT NULL, -- UUID that its program knows it by
    next_terminal INTEGER NOT NULL CHECK (next_terminal BETWEEN 1 AND 65536),
    state         TEXT NOT NULL CHECK (state IN ('hibernated', 'running', 'exited', 'lost')),
    -- when it entered this state; a hibernated agent has no such time
    state_at_ms   INTEGER CHECK ((state_at_ms IS NULL) = (state = 'hibernated')),
    exit_code     INTEGER CHECK (exit_code IS NULL OR state = 'exited'),
    created_at_ms INTEGER NOT NULL,
    trashed_at_ms INTEGER,
    seal          INTEGER NOT NULL
) STRICT;

-- A name is free again when its agent is in the trash.
CREATE UNIQUE INDEX agents_by_name ON agents (name) WHERE trashed_at_ms IS NULL;
CREATE INDEX agents_in_trash ON agents (trashed_at_ms) WHERE trashed_at_ms IS NOT NULL;

CREATE TABLE agent_versions (
    agent        TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    version      INTEGER NOT NULL CHECK (version >= 1),
    at_ms        INTEGER NOT NULL,
    from_version INTEGER, -- whose settings were taken back
    settings     TEXT NOT NULL CHECK (json_valid(settings)), -- the name too
    seal         INTEGER NOT NULL,
    PRIMARY KEY (agent, version)
) STRICT;

CREATE TABLE agent_history (
    seq   INTEGER PRIMARY KEY AUTOINCREMENT,
    agent TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    at_ms INTEGER NOT NULL,
    event TEXT NOT NULL CHECK (json_valid(event)),
    seal  INTEGER NOT NULL
) STRICT;

CREATE INDEX agent_history_by_agent ON agent_history (agent, seq);

CREATE TABLE terminals (
    agent       TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    number      INTEGER NOT NULL CHECK (number BETWEEN 1 AND 65535),
    name        TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('hibernated', 'running', 'exited', 'lost')),
    state_at_ms INTEGER CHECK ((state_at_ms IS NULL) = (state = 'hibernated')),
    exit_code   INTEGER CHECK (exit_code IS NULL OR state = 'exited'),
    seal        INTEGER NOT NULL,
    PRIMARY KEY (agent, number)
) STRICT;

-- What a terminal showed last; number 0 is that of the program.
CREATE TABLE screens (
    agent  TEXT NOT NULL REFERENCES agents (id) ON DELETE CASCADE,
    number INTEGER NOT NULL CHECK (number BETWEEN 0 AND 65535),
    lines  TEXT NOT NULL CHECK (json_valid(lines)),
    seal   INTEGER NOT NULL,
    PRIMARY KEY (agent, number)
) STRICT;

INSERT INTO agents
SELECT id, name,
       json_object('program', program, 'args', json(args), 'folder', folder, 'note', note),
       1,
       -- a random UUID, version 4
       lower(printf('%s-%s-4%s-%s%s-%s',
           hex(randomblob(4)), hex(randomblob(2)), substr(hex(randomblob(2)), 2),
           substr('89ab', 1 + (random() & 3), 1), substr(hex(randomblob(2)), 2),
           hex(randomblob(6)))),
       2,
       iif(state = 'stopped', 'hibernated', state), state_at_ms, exit_code,
       created_at_ms, NULL, 0
FROM agents_1;

INSERT INTO agent_versions
SELECT id, 1, created_at_ms, NULL, json_insert(settings, '$.name', name), 0 FROM agents;

INSERT INTO agent_history (agent, at_ms, event, seal)
SELECT id, created_at_ms, json_object('kind', 'created'), 0 FROM agents ORDER BY created_at_ms, id;

INSERT INTO terminals SELECT id, 1, 'Shell', 'hibernated', NULL, NULL, 0 FROM agents;

DROP TABLE agents_1;

PRAGMA user_version = 2;
