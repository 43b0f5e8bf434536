//! The open terminals of a connection: what was received, what was parsed, what was typed.

use std::collections::BTreeMap;

use bytes::Bytes;
use protocol::error::{ApiError, ErrorCode};
use protocol::limits;
use protocol::message::{ClientMessage, Exit, Open, Resume, ServerMessage, SizeChange, View};
use protocol::terminals::{TerminalId, TerminalSize};

/// What a terminal view has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TerminalEvent {
    /// The program runs, in this size.
    Opened(SizeChange),
    /// Draw this.
    Output {
        /// VT bytes.
        bytes: Bytes,
        /// Offset after them, to be acknowledged when they are parsed.
        until: u64,
        /// They paint the whole screen: forget what was there.
        fresh: bool,
    },
    /// From here on the terminal has this size.
    Sized(SizeChange),
    /// The program took what was typed.
    Taken,
    /// No program runs, or it ended.
    Ended(Exit),
    /// Something was refused.
    Refused(ApiError),
}

/// What a message from the server leads to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Reaction {
    /// For the view of this channel.
    pub(super) tell: Option<(u16, TerminalEvent)>,
    /// For the server.
    pub(super) send: Option<ClientMessage>,
}

/// When to acknowledge parsed output.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ack {
    /// At once.
    Now(ClientMessage),
    /// Soon, together with what is parsed until then.
    Soon,
    /// Not at all: it is of a stream that was replaced.
    Never,
}

/// All open terminals.
#[derive(Debug, Default)]
pub(super) struct Channels {
    last: u16,
    open: BTreeMap<u16, Channel>,
}

#[derive(Debug)]
struct Channel {
    terminal: TerminalId,
    view: View,
    size: TerminalSize,
    /// The stream that offsets count in.
    epoch: Option<u64>,
    /// Offset of the byte that comes next; nothing before the first of a stream.
    next: Option<u64>,
    parsed: u64,
    acked: u64,
    /// OPEN is on its way: output that still arrives belongs to the channel's last life.
    opening: bool,
    typed: u64,
    taken: u64,
}

impl Channel {
    fn open_message(&mut self, id: u16) -> ClientMessage {
        self.opening = true;
        // The server counts input anew with each OPEN; what it did not take is not typed again.
        self.typed = 0;
        self.taken = 0;
        let resume = self.epoch.zip(self.next).map(|(epoch, offset)| Resume { epoch, offset });
        let open =
            Open { terminal: self.terminal.clone(), view: self.view, size: self.size, resume };
        ClientMessage::Open(id, open)
    }
}

impl Channels {
    /// A new channel and what opens it.
    pub(super) fn open(
        &mut self,
        terminal: TerminalId,
        view: View,
        size: TerminalSize,
    ) -> (u16, ClientMessage) {
        let mut id = self.last;
        loop {
            id = id.checked_add(1).unwrap_or(1);
            if !self.open.contains_key(&id) {
                break;
            }
        }
        self.last = id;
        let mut channel = Channel {
            terminal,
            view,
            size: size.clamped(),
            epoch: None,
            next: None,
            parsed: 0,
            acked: 0,
            opening: true,
            typed: 0,
            taken: 0,
        };
        let message = channel.open_message(id);
        self.open.insert(id, channel);
        (id, message)
    }

    /// Forgets a channel; what closes it.
    pub(super) fn close(&mut self, id: u16) -> Option<ClientMessage> {
        self.open.remove(&id).map(|_| ClientMessage::Close(id))
    }

    /// What opens all channels again on a new connection, each from where it was.
    pub(super) fn open_again(&mut self) -> Vec<ClientMessage> {
        self.open.iter_mut().map(|(id, channel)| channel.open_message(*id)).collect()
    }

    /// What sends these bytes to the program.
    pub(super) fn input(&mut self, id: u16, bytes: &[u8]) -> Vec<ClientMessage> {
        let Some(channel) = self.open.get_mut(&id) else { return Vec::new() };
        bytes
            .chunks(limits::INPUT_PAYLOAD)
            .map(|piece| {
                channel.typed += 1;
                let bytes = Bytes::copy_from_slice(piece);
                ClientMessage::Input { channel: id, seq: channel.typed, bytes }
            })
            .collect()
    }

    /// The view's window has this size now.
    pub(super) fn resize(&mut self, id: u16, size: TerminalSize) -> Option<ClientMessage> {
        let channel = self.open.get_mut(&id)?;
        channel.size = size.clamped();
        Some(ClientMessage::Resize(id, channel.size))
    }

    /// The view has parsed output up to this offset.
    pub(super) fn parsed(&mut self, id: u16, offset: u64) -> Ack {
        let Some(channel) = self.open.get_mut(&id) else { return Ack::Never };
        if channel.next.is_none_or(|next| offset > next) {
            return Ack::Never;
        }
        channel.parsed = offset;
        if offset.saturating_sub(channel.acked) < limits::ACK_EVERY {
            return Ack::Soon;
        }
        channel.acked = offset;
        Ack::Now(ClientMessage::Ack { channel: id, offset })
    }

    /// What acknowledges all that was parsed, if there is something new.
    pub(super) fn ack(&mut self, id: u16) -> Option<ClientMessage> {
        let channel = self.open.get_mut(&id)?;
        let new = channel.parsed != channel.acked;
        channel.acked = channel.parsed;
        new.then_some(ClientMessage::Ack { channel: id, offset: channel.parsed })
    }

    /// Takes a message from the server; those that are not about a terminal do nothing here.
    pub(super) fn take(&mut self, message: ServerMessage) -> Reaction {
        let id = match &message {
            ServerMessage::Opened(id, _) | ServerMessage::Error(id, _) => *id,
            ServerMessage::Snapshot { channel, .. }
            | ServerMessage::Data { channel, .. }
            | ServerMessage::Size { channel, .. }
            | ServerMessage::Exit { channel, .. }
            | ServerMessage::InputAck { channel, .. } => *channel,
            ServerMessage::Hello(_)
            | ServerMessage::Pong(_)
            | ServerMessage::State(_)
            | ServerMessage::Event(_) => return Reaction::default(),
        };
        let Some(channel) = self.open.get_mut(&id) else { return Reaction::default() };
        let tell = |event| Reaction { tell: Some((id, event)), send: None };
        match message {
            ServerMessage::Opened(_, opened) => {
                channel.opening = false;
                if channel.epoch != Some(opened.epoch) {
                    channel.epoch = Some(opened.epoch);
                    channel.next = None;
                }
                let size = SizeChange { size: opened.size, driver: opened.driver };
                tell(TerminalEvent::Opened(size))
            }
            ServerMessage::Exit { exit, .. } => tell(TerminalEvent::Ended(exit)),
            ServerMessage::Error(_, error) => {
                // After refused input the counters disagree; opening again starts both anew.
                let out_of_step =
                    channel.typed > channel.taken && error.code != ErrorCode::NotFound;
                let send = out_of_step.then(|| channel.open_message(id));
                Reaction { tell: Some((id, TerminalEvent::Refused(error))), send }
            }
            _ if channel.opening => Reaction::default(),
            ServerMessage::Snapshot { offset, bytes, .. } => {
                channel.next = Some(offset);
                channel.acked = 0;
                tell(TerminalEvent::Output { bytes, until: offset, fresh: true })
            }
            ServerMessage::Data { offset, bytes, .. } => {
                let fresh = channel.next.is_none();
                if channel.next.is_some_and(|next| next != offset) {
                    // Bytes are missing: only a new picture helps.
                    channel.epoch = None;
                    channel.next = None;
                    return Reaction { tell: None, send: Some(channel.open_message(id)) };
                }
                let until = offset + bytes.len() as u64;
                channel.next = Some(until);
                tell(TerminalEvent::Output { bytes, until, fresh })
            }
            ServerMessage::Size { change, .. } => tell(TerminalEvent::Sized(change)),
            ServerMessage::InputAck { seq, .. } => {
                channel.taken = channel.taken.max(seq);
                tell(TerminalEvent::Taken)
            }
            _ => Reaction::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use protocol::message::Opened;

    use super::*;

    const SIZE: TerminalSize = TerminalSize { cols: 100, rows: 30 };

    fn opened(epoch: u64) -> ServerMessage {
        ServerMessage::Opened(1, Opened { epoch, tail: 0, head: 0, size: SIZE, driver: true })
    }

    fn snapshot(offset: u64) -> ServerMessage {
        ServerMessage::Snapshot { channel: 1, offset, bytes: Bytes::from_static(b"\x1bc") }
    }

    fn data(offset: u64, length: usize) -> ServerMessage {
        ServerMessage::Data { channel: 1, offset, bytes: vec![b'x'; length].into() }
    }

    fn refused(code: ErrorCode) -> ServerMessage {
        ServerMessage::Error(1, ApiError::new(code, "No."))
    }

    fn resume(message: &ClientMessage) -> Option<Resume> {
        match message {
            ClientMessage::Open(1, open) => open.resume,
            other => panic!("not an OPEN: {other:?}"),
        }
    }

    /// A channel that has output up to offset 10 of epoch 7.
    fn at_ten() -> Channels {
        let mut channels = Channels::default();
        let agent = "01jd5m0w3v8k2q4r6s8t0v2x4z".parse().unwrap();
        let (id, open) = channels.open(agent, View::Desktop, SIZE);
        assert_eq!((id, resume(&open)), (1, None));
        channels.take(opened(7));
        channels.take(snapshot(10));
        channels
    }

    fn until(reaction: &Reaction) -> Option<(u64, bool)> {
        match &reaction.tell {
            Some((1, TerminalEvent::Output { until, fresh, .. })) => Some((*until, *fresh)),
            _ => None,
        }
    }

    #[test]
    fn a_new_connection_continues_where_the_old_one_stopped() {
        let mut channels = at_ten();
        assert_eq!(until(&channels.take(data(10, 5))), Some((15, false)));
        let again = channels.open_again();
        assert_eq!(resume(&again[0]), Some(Resume { epoch: 7, offset: 15 }));
        assert_eq!(channels.take(data(15, 5)), Reaction::default(), "of the old connection");
        channels.take(opened(7));
        assert_eq!(until(&channels.take(data(15, 1))), Some((16, false)));
    }

    #[test]
    fn another_stream_starts_with_a_new_picture() {
        let mut channels = at_ten();
        channels.take(opened(8));
        assert_eq!(until(&channels.take(data(3, 2))), Some((5, true)), "its first bytes are all");
        assert_eq!(until(&channels.take(snapshot(9))), Some((9, true)));
    }

    #[test]
    fn a_window_that_changed_meanwhile_opens_in_its_new_size() {
        let mut channels = at_ten();
        let size = TerminalSize { cols: 1_000, rows: 40 };
        let clamped = TerminalSize { cols: 500, rows: 40 };
        assert_eq!(channels.resize(1, size), Some(ClientMessage::Resize(1, clamped)));
        assert_eq!(channels.resize(9, size), None);
        match &channels.open_again()[0] {
            ClientMessage::Open(1, open) => assert_eq!(open.size, clamped),
            other => panic!("not an OPEN: {other:?}"),
        }
    }

    #[test]
    fn missing_bytes_ask_for_a_new_picture() {
        let mut channels = at_ten();
        let reaction = channels.take(data(12, 5));
        assert_eq!(reaction.tell, None);
        assert_eq!(resume(&reaction.send.unwrap()), None);
        assert_eq!(channels.take(data(17, 5)), Reaction::default());
        channels.take(opened(7));
        assert_eq!(until(&channels.take(snapshot(30))), Some((30, true)));
    }

    #[test]
    fn long_input_is_cut_and_counted_from_one_per_open() {
        let mut channels = at_ten();
        let pieces = |messages: Vec<ClientMessage>| -> Vec<(u64, usize)> {
            messages
                .iter()
                .map(|message| match message {
                    ClientMessage::Input { channel: 1, seq, bytes } => (*seq, bytes.len()),
                    other => panic!("not INPUT: {other:?}"),
                })
                .collect()
        };
        let paste = vec![b'x'; limits::INPUT_PAYLOAD + 1];
        assert_eq!(pieces(channels.input(1, &paste)), [(1, limits::INPUT_PAYLOAD), (2, 1)]);
        assert_eq!(pieces(channels.input(1, b"y")), [(3, 1)]);
        channels.open_again();
        assert_eq!(pieces(channels.input(1, b"z")), [(1, 1)]);
        assert!(channels.input(9, b"nobody").is_empty());
    }

    #[test]
    fn output_is_acknowledged_in_large_steps_or_after_a_while() {
        let mut channels = at_ten();
        let ack = |offset| ClientMessage::Ack { channel: 1, offset };
        assert_eq!(channels.parsed(1, 10), Ack::Soon);
        assert_eq!(channels.ack(1), Some(ack(10)));
        assert_eq!(channels.ack(1), None, "once is enough");
        let step = usize::try_from(limits::ACK_EVERY).unwrap();
        channels.take(data(10, step));
        let end = 10 + limits::ACK_EVERY;
        assert_eq!(channels.parsed(1, end - 1), Ack::Soon);
        assert_eq!(channels.parsed(1, end), Ack::Now(ack(end)));
        channels.take(opened(8));
        channels.take(snapshot(4));
        assert_eq!(channels.parsed(1, end), Ack::Never, "parsed late, of the stream before");
        assert_eq!(channels.parsed(1, 4), Ack::Soon);
    }

    #[test]
    fn refused_input_opens_the_channel_again() {
        let mut channels = at_ten();
        assert_eq!(channels.take(refused(ErrorCode::Unavailable)).send, None, "nothing was typed");
        channels.input(1, b"a");
        let reaction = channels.take(refused(ErrorCode::Unavailable));
        assert_eq!(resume(&reaction.send.unwrap()), Some(Resume { epoch: 7, offset: 10 }));
        channels.input(1, b"a");
        assert_eq!(
            channels.take(refused(ErrorCode::NotFound)).send,
            None,
            "there is nothing to open"
        );
    }

    #[test]
    fn closed_channels_hear_nothing_and_numbers_are_not_shared() {
        let mut channels = at_ten();
        let terminal: TerminalId = "01jd5m0w3v8k2q4r6s8t0v2x4z".parse().unwrap();
        channels.last = u16::MAX;
        let (id, _) = channels.open(terminal, View::Phone, SIZE);
        assert_eq!(id, 2, "1 is taken and 0 is the connection");
        assert_eq!(channels.close(1), Some(ClientMessage::Close(1)));
        assert_eq!(channels.close(1), None);
        assert_eq!(channels.take(data(10, 1)), Reaction::default());
    }
}
