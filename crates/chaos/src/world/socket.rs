//! A client of `/ws` as a page is one: agents, problems, and terminals that it types into.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use protocol::agents::{AgentId, AgentList, AgentState};
use protocol::error::ApiError;
use protocol::events::{Topic, TopicEvent, TopicState};
use protocol::frame::{Frame, SUBPROTOCOL};
use protocol::host::{HostHealth, ProblemKind};
use protocol::message::{
    Auth, ClientMessage, Exit, Open, Opened, Resume, ServerMessage, Subscribe, View,
};
use protocol::terminals::{TerminalId, TerminalSize};
use tokio::net::TcpStream;
use tokio::time::timeout_at;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use crate::Outcome;

const HELLO: Duration = Duration::from_secs(20);

/// One socket and what a page would know through it.
pub(crate) struct Socket {
    stream: WebSocketStream<TcpStream>,
    frames: VecDeque<Frame>,
    /// Which build the server told.
    pub(crate) build: Option<String>,
    pub(crate) agents: AgentList,
    pub(crate) health: HostHealth,
    pub(crate) terminals: BTreeMap<u16, Terminal>,
    pub(crate) errors: Vec<ApiError>,
    /// Whether it is over.
    pub(crate) ended: bool,
    /// The close code, if the server said one.
    pub(crate) close_code: Option<u16>,
}

/// One open terminal.
#[derive(Default)]
pub(crate) struct Terminal {
    pub(crate) opened: Option<Opened>,
    /// All that came, whole screens included.
    pub(crate) bytes: Vec<u8>,
    /// Offset after the last byte.
    pub(crate) offset: u64,
    /// Whether output was missing or came twice.
    pub(crate) torn: bool,
    pub(crate) size: Option<TerminalSize>,
    pub(crate) exit: Option<Exit>,
    pub(crate) acked_input: u64,
    typed: u64,
}

impl Terminal {
    /// Whether this text has come.
    pub(crate) fn shows(&self, text: &str) -> bool {
        self.bytes.windows(text.len()).any(|part| part == text.as_bytes())
    }

    /// Where to go on after this socket.
    pub(crate) fn resume(&self) -> Option<Resume> {
        self.opened.map(|opened| Resume { epoch: opened.epoch, offset: self.offset })
    }
}

impl Socket {
    /// Connects with the command line's token, and subscribes to agents and problems.
    pub(crate) async fn open(address: &str, token: &str) -> Outcome<Self> {
        let mut request = format!("ws://{address}/ws").into_client_request()?;
        let headers = request.headers_mut();
        headers.insert("sec-websocket-protocol", SUBPROTOCOL.parse()?);
        headers.insert("authorization", format!("Bearer {token}").parse()?);
        let tcp = TcpStream::connect(address).await?;
        tcp.set_nodelay(true)?;
        let (stream, _) = tokio_tungstenite::client_async(request, tcp).await?;
        let mut socket = Self {
            stream,
            frames: VecDeque::new(),
            build: None,
            agents: AgentList::default(),
            health: HostHealth::default(),
            terminals: BTreeMap::new(),
            errors: Vec::new(),
            ended: false,
            close_code: None,
        };
        socket.send(ClientMessage::Auth(Auth { secret: token.to_owned() })).await?;
        let topics = vec![Topic::Agents, Topic::Health];
        socket.send(ClientMessage::Subscribe(Subscribe { topics })).await?;
        socket.until("HELLO", HELLO, |socket| socket.build.is_some()).await?;
        Ok(socket)
    }

    async fn send(&mut self, message: ClientMessage) -> Outcome<()> {
        Ok(self.stream.send(Message::Binary(message.frame().encode())).await?)
    }

    /// Opens the terminal of an agent's program, and waits until it is open.
    pub(crate) async fn terminal(
        &mut self,
        channel: u16,
        agent: &AgentId,
        resume: Option<Resume>,
    ) -> Outcome<()> {
        let fresh =
            Terminal { offset: resume.map_or(0, |resume| resume.offset), ..Terminal::default() };
        self.terminals.insert(channel, fresh);
        let terminal = TerminalId::program(agent.clone());
        let size = TerminalSize::UNSEEN;
        let open = Open { terminal, view: View::Phone, size, resume };
        self.send(ClientMessage::Open(channel, open)).await?;
        self.until("OPENED", HELLO, |socket| socket.terminals[&channel].opened.is_some())
            .await
            .map(drop)
    }

    /// Types.
    pub(crate) async fn type_in(&mut self, channel: u16, keys: &str) -> Outcome<u64> {
        let terminal = self.terminals.get_mut(&channel).ok_or("no such channel")?;
        terminal.typed += 1;
        let seq = terminal.typed;
        let bytes = Bytes::copy_from_slice(keys.as_bytes());
        self.send(ClientMessage::Input { channel, seq, bytes }).await?;
        Ok(seq)
    }

    /// Waits until a terminal has shown this text.
    pub(crate) async fn shows(&mut self, channel: u16, text: &str, limit: Duration) -> Outcome<()> {
        self.until(text, limit, |socket| socket.terminals[&channel].shows(text)).await.map(drop)
    }

    /// Waits until this agent's state is such; how long that took.
    pub(crate) async fn state(
        &mut self,
        agent: &AgentId,
        limit: Duration,
        such: impl Fn(AgentState) -> bool,
    ) -> Outcome<Duration> {
        let what = format!("a state of agent {agent}");
        self.until(&what, limit, |socket| socket.state_of(agent).is_some_and(&such)).await
    }

    /// The state of an agent, as far as this socket was told.
    pub(crate) fn state_of(&self, agent: &AgentId) -> Option<AgentState> {
        self.agents.agents.iter().find(|known| known.id == *agent).map(|agent| agent.state)
    }

    /// Whether this problem is there now.
    pub(crate) fn suffers(&self, kind: ProblemKind) -> bool {
        self.health.problems.iter().any(|problem| problem.kind == kind)
    }

    /// Takes frames until the condition holds; how long that took.
    pub(crate) async fn until(
        &mut self,
        what: &str,
        limit: Duration,
        condition: impl Fn(&Self) -> bool,
    ) -> Outcome<Duration> {
        let begin = Instant::now();
        let deadline = tokio::time::Instant::now() + limit;
        while !condition(self) {
            let Ok(frame) = timeout_at(deadline, self.frame()).await else {
                let told = self.told();
                return Err(format!("not within {} s: {what}; {told}", limit.as_secs()).into());
            };
            let Some(frame) = frame? else {
                let told = self.told();
                return Err(format!("the socket ended before: {what}; {told}").into());
            };
            self.take(frame).await?;
        }
        Ok(begin.elapsed())
    }

    /// Takes what comes for this long.
    pub(crate) async fn listen(&mut self, time: Duration) -> Outcome<()> {
        let deadline = tokio::time::Instant::now() + time;
        while let Ok(frame) = timeout_at(deadline, self.frame()).await {
            match frame? {
                Some(frame) => self.take(frame).await?,
                None => return Ok(()),
            }
        }
        Ok(())
    }

    fn told(&self) -> String {
        let states: Vec<&str> = self.agents.agents.iter().map(|one| one.state.word()).collect();
        let problems: Vec<_> = self.health.problems.iter().map(|one| one.kind).collect();
        format!("agents {states:?}, problems {problems:?}, errors {:?}", self.errors)
    }

    async fn frame(&mut self) -> Outcome<Option<Frame>> {
        loop {
            if let Some(frame) = self.frames.pop_front() {
                return Ok(Some(frame));
            }
            match self.stream.next().await {
                Some(Ok(Message::Binary(mut bytes))) => {
                    while let Some(frame) = Frame::take(&mut bytes)? {
                        self.frames.push_back(frame);
                    }
                }
                Some(Ok(Message::Close(close))) => {
                    self.ended = true;
                    self.close_code = close.map(|close| close.code.into());
                    return Ok(None);
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => {
                    self.ended = true;
                    return Ok(None);
                }
            }
        }
    }

    async fn take(&mut self, frame: Frame) -> Outcome<()> {
        let Some(message) = ServerMessage::read(frame)? else { return Ok(()) };
        match message {
            ServerMessage::Hello(hello) => self.build = Some(hello.build),
            ServerMessage::State(TopicState::Agents(list)) => self.agents = list,
            ServerMessage::Event(TopicEvent::Agents { revision, event }) => {
                self.agents.apply(revision, event);
            }
            ServerMessage::State(TopicState::Health(health))
            | ServerMessage::Event(TopicEvent::Health(health)) => self.health = health,
            ServerMessage::Error(_, error) => self.errors.push(error),
            ServerMessage::Pong(_) => {}
            other => return self.terminal_message(other).await,
        }
        Ok(())
    }

    async fn terminal_message(&mut self, message: ServerMessage) -> Outcome<()> {
        let (channel, ack) = match message {
            ServerMessage::Opened(channel, opened) => {
                let terminal = self.open_terminal(channel)?;
                terminal.size = Some(opened.size);
                terminal.opened = Some(opened);
                (channel, None)
            }
            ServerMessage::Snapshot { channel, offset, bytes } => {
                let terminal = self.open_terminal(channel)?;
                terminal.bytes.extend(&bytes);
                terminal.offset = offset;
                (channel, Some(offset))
            }
            ServerMessage::Data { channel, offset, bytes } => {
                let terminal = self.open_terminal(channel)?;
                terminal.torn |= terminal.offset != 0 && offset != terminal.offset;
                terminal.bytes.extend(&bytes);
                terminal.offset = offset + bytes.len() as u64;
                (channel, Some(terminal.offset))
            }
            ServerMessage::Size { channel, change, .. } => {
                self.open_terminal(channel)?.size = Some(change.size);
                (channel, None)
            }
            ServerMessage::Exit { channel, exit, .. } => {
                self.open_terminal(channel)?.exit = Some(exit);
                (channel, None)
            }
            ServerMessage::InputAck { channel, seq } => {
                self.open_terminal(channel)?.acked_input = seq;
                (channel, None)
            }
            other => return Err(format!("unexpected {other:?}").into()),
        };
        if let Some(offset) = ack {
            self.send(ClientMessage::Ack { channel, offset }).await?;
        }
        Ok(())
    }

    fn open_terminal(&mut self, channel: u16) -> Outcome<&mut Terminal> {
        self.terminals
            .get_mut(&channel)
            .ok_or_else(|| format!("channel {channel} is not open").into())
    }
}
