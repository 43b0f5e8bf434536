//! The wire format `maestro-term.1`: binary frames on one WebSocket per browser tab.
//!
//! Several frames may share one WebSocket message. All numbers are little endian.
//!
//! | offset | type | field   | meaning |
//! |-------:|------|---------|---------|
//! |      0 | u8   | type    | see below |
//! |      1 | u8   | flags   | reserved, 0 |
//! |      2 | u16  | channel | one open terminal, chosen by the client; 0 = the connection |
//! |      4 | u32  | length  | payload bytes, at most 256 KiB; SNAPSHOT, SNAPSHOT_STATE and EVENT 64 MiB |
//! |      8 | u64  | seq     | by type; for output the absolute byte offset in this epoch |
//! |     16 |      | payload | |
//!
//! | type | name           | direction | channel | seq | payload |
//! |-----:|----------------|-----------|---------|-----|---------|
//! | 0x01 | HELLO          | server    | 0 | 0 | JSON [`Hello`](crate::message::Hello); answers AUTH |
//! | 0x02 | OPENED         | server    | n | 0 | JSON [`Opened`](crate::message::Opened) |
//! | 0x03 | SNAPSHOT       | server    | n | offset it stands for | VT bytes that paint the screen from RIS |
//! | 0x04 | DATA           | server    | n | offset of first byte | output bytes |
//! | 0x06 | SIZE           | server    | n | offset from which it holds | JSON [`SizeChange`](crate::message::SizeChange) |
//! | 0x09 | EXIT           | server    | n | offset after the last byte | JSON [`Exit`](crate::message::Exit) |
//! | 0x0a | PONG           | server    | 0 | as in PING | empty |
//! | 0x0b | ERROR          | server    | any | 0 | JSON [`ApiError`](crate::error::ApiError) |
//! | 0x0c | INPUT_ACK      | server    | n | highest input counter taken | empty |
//! | 0x0e | SNAPSHOT_STATE | server    | 0 | 0 | JSON [`TopicState`](crate::events::TopicState) |
//! | 0x0f | EVENT          | server    | 0 | 0 | JSON [`TopicEvent`](crate::events::TopicEvent) |
//! | 0x41 | AUTH           | client    | 0 | 0 | JSON [`Auth`](crate::message::Auth); the first frame, within 5 s |
//! | 0x42 | OPEN           | client    | n | 0 | JSON [`Open`](crate::message::Open) |
//! | 0x43 | CLOSE          | client    | n | 0 | empty |
//! | 0x44 | INPUT          | client    | n | counter per OPEN, from 1 | bytes for the program, at most 64 KiB |
//! | 0x45 | ACK            | client    | n | offset parsed by the terminal | empty |
//! | 0x46 | RESIZE         | client    | n | 0 | JSON [`TerminalSize`](crate::terminals::TerminalSize) |
//! | 0x49 | PING           | client    | 0 | any | empty |
//! | 0x4c | SUBSCRIBE      | client    | 0 | 0 | JSON [`Subscribe`](crate::message::Subscribe) |
//!
//! Reserved for what comes later: 0x05 GAP, 0x07 META, 0x08 HISTORY, 0x0d THUMB, 0x47 PRIO,
//! 0x48 HISTORY_REQ, 0x4a PASTE, 0x4b TAKE_CONTROL.
//!
//! **Unknown types.** The client ignores them, so that a newer server can talk to an open tab.
//! The server answers them with ERROR and does nothing else: what it does not know never
//! reaches a terminal. A malformed frame, a text message or an oversized one ends the socket
//! with the close code of [`close`].
//!
//! **Trust boundary.** Everything in a client frame is untrusted: [`Frame::take`] checks the
//! length before anything is copied, [`crate::message`] checks the payload.

use bytes::{Buf, BufMut, Bytes, BytesMut};

use crate::limits;

/// Name of the WebSocket subprotocol. A browser accepts an HTTP token only: no slash.
pub const SUBPROTOCOL: &str = "maestro-term.1";
/// Bytes before the payload.
pub const HEADER: usize = 16;

/// Frame types; the module's table says what each means.
pub mod kind {
    #![allow(missing_docs, reason = "the table above documents them in one place")]
    pub const HELLO: u8 = 0x01;
    pub const OPENED: u8 = 0x02;
    pub const SNAPSHOT: u8 = 0x03;
    pub const DATA: u8 = 0x04;
    pub const SIZE: u8 = 0x06;
    pub const EXIT: u8 = 0x09;
    pub const PONG: u8 = 0x0a;
    pub const ERROR: u8 = 0x0b;
    pub const INPUT_ACK: u8 = 0x0c;
    pub const SNAPSHOT_STATE: u8 = 0x0e;
    pub const EVENT: u8 = 0x0f;
    pub const AUTH: u8 = 0x41;
    pub const OPEN: u8 = 0x42;
    pub const CLOSE: u8 = 0x43;
    pub const INPUT: u8 = 0x44;
    pub const ACK: u8 = 0x45;
    pub const RESIZE: u8 = 0x46;
    pub const PING: u8 = 0x49;
    pub const SUBSCRIBE: u8 = 0x4c;
}

/// WebSocket close codes that the server uses.
pub mod close {
    /// The server shuts down: reconnect.
    pub const GOING_AWAY: u16 = 1001;
    /// A text message; the protocol is binary only.
    pub const UNSUPPORTED: u16 = 1003;
    /// A frame over its limit.
    pub const TOO_LARGE: u16 = 1009;
    /// A frame that cannot be read, or one before AUTH.
    pub const PROTOCOL: u16 = 4400;
    /// AUTH was wrong, or the session ended: log in again.
    pub const UNAUTHENTICATED: u16 = 4401;
    /// No AUTH in time.
    pub const AUTH_TIMEOUT: u16 = 4408;
    /// Too many sockets for this login.
    pub const TOO_MANY: u16 = 4429;
}

/// One frame, its payload not yet interpreted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// See [`kind`].
    pub kind: u8,
    /// Reserved.
    pub flags: u8,
    /// 0 = the connection.
    pub channel: u16,
    /// Meaning by type.
    pub seq: u64,
    /// At most [`limits::FRAME_PAYLOAD`].
    pub payload: Bytes,
}

/// Why bytes are not a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The message ends inside a header or payload.
    #[error("the message ends inside a frame")]
    Truncated,
    /// The payload is larger than its type allows.
    #[error("a frame of {length} bytes is over the limit of {limit}")]
    TooLarge {
        /// What the header says.
        length: usize,
        /// What is allowed.
        limit: usize,
    },
}

/// Most bytes that a payload of this type may have.
fn limit_of(kind: u8) -> usize {
    match kind {
        kind::INPUT => limits::INPUT_PAYLOAD,
        kind::SNAPSHOT | kind::SNAPSHOT_STATE | kind::EVENT => limits::WHOLE_PAYLOAD,
        _ => limits::FRAME_PAYLOAD,
    }
}

impl Frame {
    /// A frame without flags.
    pub fn new(kind: u8, channel: u16, seq: u64, payload: impl Into<Bytes>) -> Self {
        Self { kind, flags: 0, channel, seq, payload: payload.into() }
    }

    /// Takes the first frame off a message; `None` at its end. The payload shares the
    /// message's memory.
    pub fn take(message: &mut Bytes) -> Result<Option<Self>, FrameError> {
        if message.is_empty() {
            return Ok(None);
        }
        if message.len() < HEADER {
            return Err(FrameError::Truncated);
        }
        let mut header = message.slice(..HEADER);
        let kind = header.get_u8();
        let flags = header.get_u8();
        let channel = header.get_u16_le();
        let length = header.get_u32_le() as usize;
        let seq = header.get_u64_le();
        let limit = limit_of(kind);
        if length > limit {
            return Err(FrameError::TooLarge { length, limit });
        }
        if message.len() < HEADER + length {
            return Err(FrameError::Truncated);
        }
        message.advance(HEADER);
        let payload = message.split_to(length);
        Ok(Some(Self { kind, flags, channel, seq, payload }))
    }

    /// Appends the frame to a message. The payload must be within the limit: both ends build
    /// frames from parts that are.
    pub fn put(&self, message: &mut BytesMut) {
        debug_assert!(self.payload.len() <= limit_of(self.kind), "payload over the limit");
        let length = u32::try_from(self.payload.len()).unwrap_or(u32::MAX);
        message.reserve(HEADER + self.payload.len());
        message.put_u8(self.kind);
        message.put_u8(self.flags);
        message.put_u16_le(self.channel);
        message.put_u32_le(length);
        message.put_u64_le(self.seq);
        message.put_slice(&self.payload);
    }

    /// The frame as a message of its own.
    pub fn encode(&self) -> Bytes {
        let mut message = BytesMut::with_capacity(HEADER + self.payload.len());
        self.put(&mut message);
        message.freeze()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_frame() -> impl Strategy<Value = Frame> {
        let payload = proptest::collection::vec(any::<u8>(), 0..300);
        (any::<u8>(), any::<u8>(), any::<u16>(), any::<u64>(), payload).prop_map(
            |(kind, flags, channel, seq, payload)| Frame {
                kind,
                flags,
                channel,
                seq,
                payload: payload.into(),
            },
        )
    }

    proptest! {
        #[test]
        fn frames_of_one_message_come_back_in_order(frames in proptest::collection::vec(any_frame(), 0..8)) {
            let mut message = BytesMut::new();
            for frame in &frames {
                frame.put(&mut message);
            }
            let mut message = message.freeze();
            let mut read = Vec::new();
            while let Some(frame) = Frame::take(&mut message).unwrap() {
                read.push(frame);
            }
            prop_assert_eq!(read, frames);
        }

        #[test]
        fn any_bytes_are_frames_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut message = Bytes::from(bytes);
            while let Ok(Some(frame)) = Frame::take(&mut message) {
                prop_assert!(frame.payload.len() <= limit_of(frame.kind));
            }
        }

        #[test]
        fn a_cut_message_is_truncated_never_another_frame(frame in any_frame(), cut in 1usize..16) {
            let whole = frame.encode();
            let mut message = whole.slice(..whole.len() - cut.min(whole.len() - 1));
            prop_assert_eq!(Frame::take(&mut message), Err(FrameError::Truncated));
        }
    }

    #[test]
    fn lengths_over_the_limit_are_refused_before_the_payload_arrives() {
        fn check(kind: u8, length: usize, limit: usize) {
            let mut header = BytesMut::new();
            Frame::new(kind, 1, 0, Bytes::new()).put(&mut header);
            header[4..8].copy_from_slice(&u32::try_from(length).unwrap().to_le_bytes());
            let error = FrameError::TooLarge { length, limit };
            assert_eq!(Frame::take(&mut header.freeze()), Err(error));
        }
        check(kind::DATA, limits::FRAME_PAYLOAD + 1, limits::FRAME_PAYLOAD);
        check(kind::INPUT, limits::INPUT_PAYLOAD + 1, limits::INPUT_PAYLOAD);
        check(kind::SNAPSHOT, limits::WHOLE_PAYLOAD + 1, limits::WHOLE_PAYLOAD);
        check(kind::AUTH, u32::MAX as usize, limits::FRAME_PAYLOAD);
    }
}
