//! What frames mean: typed messages of both directions and their payloads.

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::access::Role;
use crate::error::{ApiError, ErrorCode};
use crate::events::{Topic, TopicEvent, TopicState};
use crate::frame::{Frame, kind};
use crate::terminals::{TerminalId, TerminalSize};

/// Proof that the socket was opened by the page that logged in, not by another program that
/// merely received its cookie.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// The session-bound secret.
    pub secret: String,
}

impl std::fmt::Debug for Auth {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Auth { secret: … }")
    }
}

/// The socket is ready.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// Identifies this connection in the server's log.
    pub connection: String,
    /// Changes with every build: an open tab learns that it is outdated.
    pub build: String,
    /// What this socket may do.
    pub role: Role,
}

/// Which kind of window looks at the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// May set the size while it is the only viewer.
    Desktop,
    /// Never sets the size: it scales or pans.
    Phone,
}

/// Where a viewer stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resume {
    /// The stream that the offset counts in.
    pub epoch: u64,
    /// Offset after the last byte it has.
    pub offset: u64,
}

/// Asks for one terminal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    /// Which.
    pub terminal: TerminalId,
    /// Kind of window.
    pub view: View,
    /// Size of the window in cells.
    pub size: TerminalSize,
    /// Continue from here if the bytes are still there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<Resume>,
}

/// The terminal is open; a SNAPSHOT or DATA follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// Random per stream: a new tap starts a new one.
    pub epoch: u64,
    /// Oldest offset that is still kept.
    pub tail: u64,
    /// Offset after the newest byte.
    pub head: u64,
    /// Size of the terminal now.
    pub size: TerminalSize,
    /// Whether this viewer's window sets the size.
    pub driver: bool,
}

/// The terminal has this size from the frame's offset on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SizeChange {
    /// New size.
    pub size: TerminalSize,
    /// Whether this viewer's window sets the size.
    pub driver: bool,
}

/// The program ended, or its session was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exit {
    /// Exit code, if it is known.
    pub code: Option<i32>,
}

/// Asks for the state of topics and their changes from then on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscribe {
    /// Which.
    pub topics: Vec<Topic>,
}

/// A frame from a client, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientMessage {
    /// First frame of a socket.
    Auth(Auth),
    /// Open a terminal on this channel.
    Open(u16, Open),
    /// Close the channel.
    Close(u16),
    /// Bytes for the program.
    Input {
        /// Terminal.
        channel: u16,
        /// Counter, from 1.
        seq: u64,
        /// At most [`crate::limits::INPUT_PAYLOAD`].
        bytes: Bytes,
    },
    /// Output parsed up to this offset.
    Ack {
        /// Terminal.
        channel: u16,
        /// Offset.
        offset: u64,
    },
    /// The viewer's window has this size now.
    Resize(u16, TerminalSize),
    /// Answered by PONG with the same seq.
    Ping(u64),
    /// Subscribe to topics.
    Subscribe(Subscribe),
}

/// A frame from the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerMessage {
    /// AUTH was right.
    Hello(Hello),
    /// The terminal is open.
    Opened(u16, Opened),
    /// Paints the whole screen.
    Snapshot {
        /// Terminal.
        channel: u16,
        /// Offset that the screen stands for.
        offset: u64,
        /// VT bytes.
        bytes: Bytes,
    },
    /// Output.
    Data {
        /// Terminal.
        channel: u16,
        /// Offset of the first byte.
        offset: u64,
        /// Raw output.
        bytes: Bytes,
    },
    /// Size changed.
    Size {
        /// Terminal.
        channel: u16,
        /// Holds from this offset.
        offset: u64,
        /// The change.
        change: SizeChange,
    },
    /// The program ended.
    Exit {
        /// Terminal.
        channel: u16,
        /// Offset after the last byte.
        offset: u64,
        /// How.
        exit: Exit,
    },
    /// Answer to PING.
    Pong(u64),
    /// Something was refused; channel 0 = the connection.
    Error(u16, ApiError),
    /// Input up to this counter was taken.
    InputAck {
        /// Terminal.
        channel: u16,
        /// Counter.
        seq: u64,
    },
    /// State of a topic.
    State(TopicState),
    /// Change of a topic.
    Event(TopicEvent),
}

/// Why a frame has no meaning here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// A type of the other direction or of a newer version.
    #[error("frame type 0x{0:02x} is not known here")]
    UnknownKind(u8),
    /// The payload does not fit the type.
    #[error("the payload of frame type 0x{kind:02x} cannot be read: {reason}")]
    Payload {
        /// Type.
        kind: u8,
        /// What the JSON reader says.
        reason: String,
    },
    /// Channel 0 where a terminal is needed, or the other way round.
    #[error("frame type 0x{0:02x} came on the wrong channel")]
    Channel(u8),
}

impl From<MessageError> for ApiError {
    fn from(error: MessageError) -> Self {
        Self::new(
            ErrorCode::Invalid,
            format!("Maestro did not understand the page: {error}. Reload the page."),
        )
    }
}

fn json<T: DeserializeOwned>(frame: &Frame) -> Result<T, MessageError> {
    serde_json::from_slice(&frame.payload)
        .map_err(|error| MessageError::Payload { kind: frame.kind, reason: error.to_string() })
}

fn frame_of(kind: u8, channel: u16, seq: u64, body: &impl Serialize) -> Frame {
    // These types hold strings, numbers and lists only: writing them cannot fail.
    Frame::new(kind, channel, seq, serde_json::to_vec(body).unwrap_or_default())
}

impl ClientMessage {
    /// Names of all frames that a client sends.
    pub const NAMES: [&str; 8] =
        ["AUTH", "PING", "SUBSCRIBE", "OPEN", "CLOSE", "INPUT", "ACK", "RESIZE"];

    /// The frame's name, as the table in [`crate::frame`] has it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Auth(_) => "AUTH",
            Self::Ping(_) => "PING",
            Self::Subscribe(_) => "SUBSCRIBE",
            Self::Open(..) => "OPEN",
            Self::Close(_) => "CLOSE",
            Self::Input { .. } => "INPUT",
            Self::Ack { .. } => "ACK",
            Self::Resize(..) => "RESIZE",
        }
    }

    /// Reads a frame that a client sent.
    pub fn read(frame: Frame) -> Result<Self, MessageError> {
        let channel = frame.channel;
        let on_connection = matches!(frame.kind, kind::AUTH | kind::PING | kind::SUBSCRIBE);
        let known = on_connection
            || matches!(
                frame.kind,
                kind::OPEN | kind::CLOSE | kind::INPUT | kind::ACK | kind::RESIZE
            );
        if !known {
            return Err(MessageError::UnknownKind(frame.kind));
        }
        if on_connection != (channel == 0) {
            return Err(MessageError::Channel(frame.kind));
        }
        Ok(match frame.kind {
            kind::AUTH => Self::Auth(json(&frame)?),
            kind::PING => Self::Ping(frame.seq),
            kind::SUBSCRIBE => Self::Subscribe(json(&frame)?),
            kind::OPEN => Self::Open(channel, json(&frame)?),
            kind::CLOSE => Self::Close(channel),
            kind::INPUT => Self::Input { channel, seq: frame.seq, bytes: frame.payload },
            kind::ACK => Self::Ack { channel, offset: frame.seq },
            _ => Self::Resize(channel, json(&frame)?),
        })
    }

    /// The frame to send.
    pub fn frame(&self) -> Frame {
        match self {
            Self::Auth(body) => frame_of(kind::AUTH, 0, 0, body),
            Self::Open(channel, body) => frame_of(kind::OPEN, *channel, 0, body),
            Self::Close(channel) => Frame::new(kind::CLOSE, *channel, 0, Bytes::new()),
            Self::Input { channel, seq, bytes } => {
                Frame::new(kind::INPUT, *channel, *seq, bytes.clone())
            }
            Self::Ack { channel, offset } => Frame::new(kind::ACK, *channel, *offset, Bytes::new()),
            Self::Resize(channel, size) => frame_of(kind::RESIZE, *channel, 0, size),
            Self::Ping(seq) => Frame::new(kind::PING, 0, *seq, Bytes::new()),
            Self::Subscribe(body) => frame_of(kind::SUBSCRIBE, 0, 0, body),
        }
    }
}

impl ServerMessage {
    /// Reads a frame that the server sent; `Ok(None)` for a type this version does not know.
    pub fn read(frame: Frame) -> Result<Option<Self>, MessageError> {
        let channel = frame.channel;
        let offset = frame.seq;
        Ok(Some(match frame.kind {
            kind::HELLO => Self::Hello(json(&frame)?),
            kind::OPENED => Self::Opened(channel, json(&frame)?),
            kind::SNAPSHOT => Self::Snapshot { channel, offset, bytes: frame.payload },
            kind::DATA => Self::Data { channel, offset, bytes: frame.payload },
            kind::SIZE => Self::Size { channel, offset, change: json(&frame)? },
            kind::EXIT => Self::Exit { channel, offset, exit: json(&frame)? },
            kind::PONG => Self::Pong(frame.seq),
            kind::ERROR => Self::Error(channel, json(&frame)?),
            kind::INPUT_ACK => Self::InputAck { channel, seq: frame.seq },
            kind::SNAPSHOT_STATE => Self::State(json(&frame)?),
            kind::EVENT => Self::Event(json(&frame)?),
            _ => return Ok(None),
        }))
    }

    /// The frame to send.
    pub fn frame(&self) -> Frame {
        match self {
            Self::Hello(body) => frame_of(kind::HELLO, 0, 0, body),
            Self::Opened(channel, body) => frame_of(kind::OPENED, *channel, 0, body),
            Self::Snapshot { channel, offset, bytes } => {
                Frame::new(kind::SNAPSHOT, *channel, *offset, bytes.clone())
            }
            Self::Data { channel, offset, bytes } => {
                Frame::new(kind::DATA, *channel, *offset, bytes.clone())
            }
            Self::Size { channel, offset, change } => {
                frame_of(kind::SIZE, *channel, *offset, change)
            }
            Self::Exit { channel, offset, exit } => frame_of(kind::EXIT, *channel, *offset, exit),
            Self::Pong(seq) => Frame::new(kind::PONG, 0, *seq, Bytes::new()),
            Self::Error(channel, body) => frame_of(kind::ERROR, *channel, 0, body),
            Self::InputAck { channel, seq } => {
                Frame::new(kind::INPUT_ACK, *channel, *seq, Bytes::new())
            }
            Self::State(body) => frame_of(kind::SNAPSHOT_STATE, 0, 0, body),
            Self::Event(body) => frame_of(kind::EVENT, 0, 0, body),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn terminal() -> TerminalId {
        "01jd5m0w3v8k2q4r6s8t0v2x4z".parse().unwrap()
    }

    fn any_client_message() -> impl Strategy<Value = ClientMessage> {
        let size =
            (any::<u16>(), any::<u16>()).prop_map(|(cols, rows)| TerminalSize { cols, rows });
        let bytes = proptest::collection::vec(any::<u8>(), 0..64).prop_map(Bytes::from);
        let resume = proptest::option::of(
            (any::<u64>(), any::<u64>()).prop_map(|(epoch, offset)| Resume { epoch, offset }),
        );
        let channel = 1u16..;
        prop_oneof![
            ".*".prop_map(|secret| ClientMessage::Auth(Auth { secret })),
            (channel.clone(), size.clone(), resume).prop_map(|(channel, size, resume)| {
                ClientMessage::Open(
                    channel,
                    Open { terminal: terminal(), view: View::Phone, size, resume },
                )
            }),
            channel.clone().prop_map(ClientMessage::Close),
            (channel.clone(), any::<u64>(), bytes)
                .prop_map(|(channel, seq, bytes)| ClientMessage::Input { channel, seq, bytes }),
            (channel.clone(), any::<u64>())
                .prop_map(|(channel, offset)| ClientMessage::Ack { channel, offset }),
            (channel, size).prop_map(|(channel, size)| ClientMessage::Resize(channel, size)),
            any::<u64>().prop_map(ClientMessage::Ping),
            Just(ClientMessage::Subscribe(Subscribe { topics: vec![Topic::Agents] })),
        ]
    }

    proptest! {
        #[test]
        fn client_messages_survive_the_wire(message in any_client_message()) {
            prop_assert_eq!(ClientMessage::read(message.frame()).unwrap(), message);
        }

        #[test]
        fn any_payload_is_read_or_refused(
            kind in any::<u8>(),
            channel in any::<u16>(),
            payload in proptest::collection::vec(any::<u8>(), 0..64),
        ) {
            let frame = Frame::new(kind, channel, 7, payload);
            let _read_or_refused = ClientMessage::read(frame.clone());
            let _read_or_refused = ServerMessage::read(frame);
        }
    }

    #[test]
    fn server_messages_survive_the_wire() {
        let size = TerminalSize::UNSEEN;
        let error = ApiError::invalid("name", "taken").about("name");
        for message in [
            ServerMessage::Hello(Hello {
                connection: "c".into(),
                build: "b".into(),
                role: Role::Viewer,
            }),
            ServerMessage::Opened(
                3,
                Opened { epoch: u64::MAX, tail: 1, head: 2, size, driver: true },
            ),
            ServerMessage::Snapshot { channel: 3, offset: 9, bytes: Bytes::from_static(b"\x1bc") },
            ServerMessage::Data { channel: 3, offset: 9, bytes: Bytes::from_static(&[0xff]) },
            ServerMessage::Size {
                channel: 3,
                offset: 9,
                change: SizeChange { size, driver: false },
            },
            ServerMessage::Exit { channel: 3, offset: 9, exit: Exit { code: Some(1) } },
            ServerMessage::Pong(4),
            ServerMessage::Error(0, error),
            ServerMessage::InputAck { channel: 3, seq: 5 },
        ] {
            assert_eq!(ServerMessage::read(message.frame()), Ok(Some(message)));
        }
    }

    #[test]
    fn the_server_refuses_what_it_does_not_know_and_the_client_ignores_it() {
        let newer = Frame::new(0x7e, 0, 0, Bytes::new());
        assert_eq!(ClientMessage::read(newer.clone()), Err(MessageError::UnknownKind(0x7e)));
        assert_eq!(ServerMessage::read(newer), Ok(None));
        let input_on_the_connection = Frame::new(kind::INPUT, 0, 1, Bytes::from_static(b"ls"));
        assert_eq!(
            ClientMessage::read(input_on_the_connection),
            Err(MessageError::Channel(kind::INPUT))
        );
    }
}
