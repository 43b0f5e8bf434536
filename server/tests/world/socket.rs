//! A client of `/ws` that models what a browser would show: the agent list and the screens.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use protocol::agents::{AgentId, AgentList};
use protocol::error::ApiError;
use protocol::events::{Topic, TopicEvent, TopicState};
use protocol::frame::{Frame, SUBPROTOCOL};
use protocol::host::HostHealth;
use protocol::message::{
    Auth, ClientMessage, Exit, Open, Opened, Resume, ServerMessage, SizeChange, Subscribe, View,
};
use protocol::terminals::{TerminalId, TerminalSize};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{self, Message};

use super::{PATIENCE, World};

pub(crate) struct Socket {
    stream: WebSocketStream<TcpStream>,
    frames: VecDeque<Frame>,
    pub(crate) agents: AgentList,
    pub(crate) health: HostHealth,
    pub(crate) terminals: BTreeMap<u16, Terminal>,
    pub(crate) errors: Vec<(u16, ApiError)>,
    pub(crate) pongs: Vec<u64>,
    pub(crate) closed: Option<u16>,
}

/// One terminal as the browser has it.
pub(crate) struct Terminal {
    screen: vt100::Parser,
    pub(crate) opened: Vec<Opened>,
    pub(crate) offset: u64,
    pub(crate) snapshots: usize,
    pub(crate) data: Vec<u8>,
    pub(crate) exit: Option<Exit>,
    pub(crate) sizes: Vec<SizeChange>,
    pub(crate) acked_input: u64,
    next_input: u64,
    acknowledge: bool,
}

impl Terminal {
    pub(crate) fn text(&self) -> String {
        self.screen.screen().contents()
    }

    fn resize(&mut self, size: TerminalSize) {
        let cells = |count| std::num::NonZero::new(count).unwrap();
        self.screen.screen_mut().set_size(cells(size.rows), cells(size.cols));
    }
}

impl Socket {
    pub(crate) async fn connect(
        world: &World,
        headers: &[(&str, &str)],
    ) -> Result<Self, tungstenite::Error> {
        let mut request = format!("ws://{}/ws", world.host()).into_client_request()?;
        request.headers_mut().insert("sec-websocket-protocol", SUBPROTOCOL.parse().unwrap());
        for (name, value) in headers {
            let name: tungstenite::http::HeaderName = name.parse().unwrap();
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        let tcp = TcpStream::connect(world.host()).await?;
        tcp.set_nodelay(true)?;
        let (stream, _) = tokio_tungstenite::client_async(request, tcp).await?;
        Ok(Self {
            stream,
            frames: VecDeque::new(),
            agents: AgentList::default(),
            health: HostHealth::default(),
            terminals: BTreeMap::new(),
            errors: Vec::new(),
            pongs: Vec::new(),
            closed: None,
        })
    }

    pub(crate) async fn authenticate(&mut self, secret: &str) {
        self.send(ClientMessage::Auth(Auth { secret: secret.into() })).await;
        let frame = self.frame().await.expect("HELLO");
        assert!(matches!(ServerMessage::read(frame), Ok(Some(ServerMessage::Hello(_)))));
    }

    pub(crate) async fn send(&mut self, message: ClientMessage) {
        self.send_raw(message.frame().encode()).await;
    }

    pub(crate) async fn send_raw(&mut self, bytes: Bytes) {
        self.send_message(Message::Binary(bytes)).await;
    }

    pub(crate) async fn send_message(&mut self, message: Message) {
        // The server may have closed: tests see that in what they read.
        let _closed = self.stream.send(message).await;
    }

    pub(crate) async fn subscribe(&mut self) {
        self.send(ClientMessage::Subscribe(Subscribe {
            topics: vec![Topic::Agents, Topic::Health],
        }))
        .await;
    }

    pub(crate) async fn open(&mut self, channel: u16, agent: &AgentId) {
        let size = TerminalSize { cols: 100, rows: 30 };
        self.open_with(channel, agent, View::Desktop, size, None).await;
    }

    /// Opens a terminal beside that of the program.
    pub(crate) async fn open_shell(&mut self, channel: u16, id: TerminalId) {
        let size = TerminalSize { cols: 100, rows: 30 };
        self.open_terminal(channel, id, View::Desktop, size, None).await;
    }

    pub(crate) async fn open_with(
        &mut self,
        channel: u16,
        agent: &AgentId,
        view: View,
        size: TerminalSize,
        resume: Option<Resume>,
    ) {
        let terminal = TerminalId::program(agent.clone());
        self.open_terminal(channel, terminal, view, size, resume).await;
    }

    async fn open_terminal(
        &mut self,
        channel: u16,
        terminal: TerminalId,
        view: View,
        size: TerminalSize,
        resume: Option<Resume>,
    ) {
        let open = Open { terminal, view, size, resume };
        self.terminals.insert(
            channel,
            Terminal {
                screen: vt100::Parser::default(),
                opened: Vec::new(),
                offset: 0,
                snapshots: 0,
                data: Vec::new(),
                exit: None,
                sizes: Vec::new(),
                acked_input: 0,
                next_input: 1,
                acknowledge: true,
            },
        );
        self.send(ClientMessage::Open(channel, open)).await;
    }

    /// Stops acknowledging output, as a browser that hangs does.
    pub(crate) fn hang(&mut self, channel: u16) {
        self.terminals.get_mut(&channel).unwrap().acknowledge = false;
    }

    /// Acknowledges everything up to an offset, and from now on what comes.
    pub(crate) async fn wake(&mut self, channel: u16, offset: u64) {
        self.terminals.get_mut(&channel).unwrap().acknowledge = true;
        self.send(ClientMessage::Ack { channel, offset }).await;
    }

    pub(crate) async fn type_in(&mut self, channel: u16, keys: &str) {
        let terminal = self.terminals.get_mut(&channel).unwrap();
        let seq = terminal.next_input;
        terminal.next_input += 1;
        let bytes = Bytes::copy_from_slice(keys.as_bytes());
        self.send(ClientMessage::Input { channel, seq, bytes }).await;
    }

    /// Takes frames until the condition holds.
    pub(crate) async fn until(&mut self, what: &str, condition: impl Fn(&Self) -> bool) {
        let reached = timeout(PATIENCE, async {
            while !condition(self) {
                match self.frame().await {
                    Some(frame) => self.take(frame).await,
                    None => return false,
                }
            }
            true
        });
        if !matches!(reached.await, Ok(true)) {
            let screens: Vec<_> = self.terminals.values().map(Terminal::text).collect();
            panic!(
                "never came: {what}; closed {:?}, errors {:?}, agents {:?}, screens {screens:?}",
                self.closed, self.errors, self.agents.agents,
            );
        }
    }

    /// Takes frames until a screen shows this text.
    pub(crate) async fn shows(&mut self, channel: u16, text: &str) {
        self.until(text, |socket| socket.terminals[&channel].text().contains(text)).await;
    }

    /// Reads to the end of the socket and returns its close code.
    pub(crate) async fn end(&mut self) -> u16 {
        timeout(PATIENCE, async { while self.frame().await.is_some() {} }).await.unwrap();
        self.closed.unwrap_or_default()
    }

    async fn frame(&mut self) -> Option<Frame> {
        loop {
            if let Some(frame) = self.frames.pop_front() {
                return Some(frame);
            }
            match self.stream.next().await? {
                Ok(Message::Binary(mut bytes)) => {
                    while let Some(frame) = Frame::take(&mut bytes).unwrap() {
                        self.frames.push_back(frame);
                    }
                }
                Ok(Message::Close(close)) => {
                    self.closed = close.map(|close| close.code.into());
                    return None;
                }
                Ok(_) => {}
                Err(_cut) => return None,
            }
        }
    }

    async fn take(&mut self, frame: Frame) {
        match ServerMessage::read(frame).unwrap() {
            Some(ServerMessage::State(TopicState::Agents(list))) => self.agents = list,
            Some(ServerMessage::Event(TopicEvent::Agents { revision, event })) => {
                self.agents.apply(revision, event);
            }
            Some(
                ServerMessage::State(TopicState::Health(health))
                | ServerMessage::Event(TopicEvent::Health(health)),
            ) => self.health = health,
            Some(ServerMessage::Error(channel, error)) => self.errors.push((channel, error)),
            Some(ServerMessage::Pong(seq)) => self.pongs.push(seq),
            Some(message) => self.terminal(message).await,
            None => panic!("a frame that this version does not know"),
        }
    }

    async fn terminal(&mut self, message: ServerMessage) {
        let (channel, ack) = match message {
            ServerMessage::Opened(channel, opened) => {
                let terminal = self.terminals.get_mut(&channel).unwrap();
                terminal.resize(opened.size);
                terminal.opened.push(opened);
                terminal.exit = None;
                (channel, None)
            }
            ServerMessage::Snapshot { channel, offset, bytes } => {
                let terminal = self.terminals.get_mut(&channel).unwrap();
                terminal.screen.process(&bytes);
                terminal.snapshots += 1;
                terminal.offset = offset;
                (channel, Some(offset))
            }
            ServerMessage::Data { channel, offset, bytes } => {
                let terminal = self.terminals.get_mut(&channel).unwrap();
                let seen = terminal.snapshots > 0 || !terminal.data.is_empty();
                assert!(!seen || offset == terminal.offset, "no byte lost or doubled");
                terminal.screen.process(&bytes);
                terminal.data.extend(&bytes);
                terminal.offset = offset + bytes.len() as u64;
                (channel, Some(terminal.offset))
            }
            ServerMessage::Size { channel, change, .. } => {
                let terminal = self.terminals.get_mut(&channel).unwrap();
                terminal.resize(change.size);
                terminal.sizes.push(change);
                (channel, None)
            }
            ServerMessage::Exit { channel, exit, .. } => {
                self.terminals.get_mut(&channel).unwrap().exit = Some(exit);
                (channel, None)
            }
            ServerMessage::InputAck { channel, seq } => {
                self.terminals.get_mut(&channel).unwrap().acked_input = seq;
                (channel, None)
            }
            other => panic!("unexpected {other:?}"),
        };
        if let Some(offset) = ack.filter(|_| self.terminals[&channel].acknowledge) {
            self.send(ClientMessage::Ack { channel, offset }).await;
        }
    }
}
