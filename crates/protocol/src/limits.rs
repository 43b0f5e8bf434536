//! Numbers that both ends of the wire must agree on. Sizes are bytes, times are in their names.

/// Largest payload of a frame, but for those that follow.
pub const FRAME_PAYLOAD: usize = 256 * 1024;
/// Largest payload of a frame that paints a whole screen or tells a whole state. Only the server
/// sends these: 500 x 200 cells in true colour are 4 MB, and notes and arguments add up.
pub const WHOLE_PAYLOAD: usize = 64 * 1024 * 1024;
/// Largest payload of an INPUT frame; longer pastes go in pieces.
pub const INPUT_PAYLOAD: usize = 64 * 1024;
/// Largest WebSocket message from a client: a few full frames.
pub const SOCKET_MESSAGE: usize = 4 * (FRAME_PAYLOAD + crate::frame::HEADER);
/// Open terminals per socket.
pub const CHANNELS_PER_SOCKET: usize = 256;
/// Sockets that one login may hold open at the same time.
pub const SOCKETS_PER_LOGIN: usize = 64;
/// A viewer with more output than this not yet acknowledged gets no more bytes.
pub const UNACKED_HIGH: u64 = 256 * 1024;
/// Below this the viewer is served again.
pub const UNACKED_LOW: u64 = 64 * 1024;
/// A viewer acknowledges at least every so many parsed bytes.
pub const ACK_EVERY: u64 = 32 * 1024;
/// The first frame must be AUTH and arrive within this time.
pub const AUTH_DEADLINE_MS: u64 = 5_000;
/// A socket on which nothing arrived for this long is dead.
pub const SOCKET_DEAD_MS: u64 = 45_000;
/// The browser pings when the socket was silent for this long.
pub const PING_EVERY_MS: u64 = 20_000;
/// First and largest wait of the reconnect back-off, with full jitter.
pub const RECONNECT_MIN_MS: u64 = 200;
/// See [`RECONNECT_MIN_MS`].
pub const RECONNECT_MAX_MS: u64 = 10_000;
/// HTTP request body without a credential.
pub const BODY_BEFORE_LOGIN: usize = 64 * 1024;
/// HTTP request body of a known client.
pub const BODY_AFTER_LOGIN: usize = 8 * 1024 * 1024;
/// Terminal columns, least and most.
pub const COLS: std::ops::RangeInclusive<u16> = 20..=500;
/// Terminal rows, least and most.
pub const ROWS: std::ops::RangeInclusive<u16> = 5..=200;
/// Characters in an agent's name.
pub const NAME_CHARS: usize = 100;
/// Arguments of one agent.
pub const ARGS: usize = 256;
/// Bytes of one argument.
pub const ARG_BYTES: usize = 64 * 1024;
/// Bytes of a note.
pub const NOTE_BYTES: usize = 64 * 1024;
/// Bytes of a folder or program path.
pub const PATH_BYTES: usize = 4096;
/// Characters in an agent's label and in a terminal's name.
pub const LABEL_CHARS: usize = 80;
/// Bytes of a persona.
pub const PERSONA_BYTES: usize = 16 * 1024;
/// Tags of one agent.
pub const TAGS: usize = 32;
/// Characters in a tag.
pub const TAG_CHARS: usize = 40;
/// Bytes of an emoji avatar: a family with skin tones has 41.
pub const AVATAR_BYTES: usize = 64;
/// Environment references of one agent.
pub const ENV_REFERENCES: usize = 64;
/// Bytes of an environment value.
pub const ENV_VALUE_BYTES: usize = 64 * 1024;
/// Terminals of one agent beside that of its program.
pub const TERMINALS: usize = 16;
/// Lines that tmux keeps of each terminal.
pub const HISTORY_LINES: u32 = 5_000;
/// Agents in one bulk request.
pub const BULK: usize = 1_000;
/// Devices that may be logged in at the same time.
pub const DEVICES: usize = 500;
/// Tokens of scripts.
pub const SCRIPT_TOKENS: usize = 500;
/// Longest life of a script's token, in days.
pub const TOKEN_DAYS: u32 = 3_650;
/// Characters in the name of a device or token.
pub const DEVICE_NAME_CHARS: usize = 60;
