//! One socket's life: AUTH first, then frames in order, until either side ends it.

use std::collections::HashMap;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::SplitStream;
use protocol::error::{ApiError, ErrorCode};
use protocol::events::Topic;
use protocol::frame::{Frame, FrameError, close};
use protocol::limits;
use protocol::message::{Auth, ClientMessage, Hello, MessageError, ServerMessage};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, interval_at, timeout};

use super::channel::Channel;
use super::outbox::{Closed, Outbox};
use super::topics;
use crate::access::principal::Principal;
use crate::http::AppState;
use crate::secrets;

/// How often a socket's login is looked at again, besides being told when it is revoked.
const RECHECK: Duration = Duration::from_mins(1);
const AUTH_DEADLINE: Duration = Duration::from_millis(limits::AUTH_DEADLINE_MS);
const SILENCE: Duration = Duration::from_millis(limits::SOCKET_DEAD_MS);

/// Why a socket ends.
enum End {
    /// The other side left, or the network failed.
    Gone,
    /// This side closes it.
    Close(u16, &'static str),
}

impl From<Closed> for End {
    fn from(_closed: Closed) -> Self {
        Self::Gone
    }
}

impl From<FrameError> for End {
    fn from(error: FrameError) -> Self {
        match error {
            FrameError::TooLarge { .. } => Self::Close(close::TOO_LARGE, "frame too large"),
            FrameError::Truncated => Self::Close(close::PROTOCOL, "truncated frame"),
        }
    }
}

/// Serves a socket to its end.
pub(super) async fn serve(socket: WebSocket, state: AppState, principal: Principal) {
    let _counted = state.sockets.count();
    let (sink, stream) = socket.split();
    let outbox = Outbox::start(sink);
    let mut connection = Connection {
        id: secrets::hex(&secrets::random_bytes::<8>()),
        state,
        principal,
        outbox: outbox.clone(),
        channels: HashMap::new(),
        topics: JoinSet::new(),
        used: false,
    };
    let end = connection.run(stream).await;
    // Nobody else may fill the queue: the goodbye must get through.
    drop(connection);
    if let Err(End::Close(code, reason)) = end {
        tracing::debug!(code, reason, "socket closed by the server");
        outbox.close(code, reason).await;
    }
}

struct Connection {
    id: String,
    state: AppState,
    principal: Principal,
    outbox: Outbox,
    channels: HashMap<u16, Channel>,
    topics: JoinSet<()>,
    /// Somebody typed or opened a terminal since the login was last looked at.
    used: bool,
}

impl Connection {
    async fn run(&mut self, mut stream: SplitStream<WebSocket>) -> Result<(), End> {
        let late = End::Close(close::AUTH_TIMEOUT, "no AUTH in time");
        let first = timeout(AUTH_DEADLINE, next_message(&mut stream)).await.map_err(|_| late)??;
        let mut first = first;
        match Frame::take(&mut first)?.map(ClientMessage::read) {
            Some(Ok(ClientMessage::Auth(auth))) if self.proves(&auth) => {}
            Some(Ok(ClientMessage::Auth(_))) => {
                return Err(End::Close(close::UNAUTHENTICATED, "log in again"));
            }
            _ => return Err(End::Close(close::PROTOCOL, "AUTH must come first")),
        }
        let login = self.login().map(str::to_owned);
        let _slot = match &login {
            None => None,
            Some(login) => Some(
                self.state
                    .logins
                    .socket(login)
                    .ok_or(End::Close(close::TOO_MANY, "too many sockets for this login"))?,
            ),
        };
        let hello = Hello { connection: self.id.clone(), build: self.state.build.to_string() };
        self.outbox.send(ServerMessage::Hello(hello)).await?;
        self.message(first).await?;

        let mut revocations = self.state.logins.revocations();
        let mut recheck = interval_at(Instant::now() + RECHECK, RECHECK);
        let mut closing = self.state.closing.clone();
        loop {
            tokio::select! {
                message = timeout(SILENCE, next_message(&mut stream)) => match message {
                    Ok(message) => self.message(message?).await?,
                    Err(_silent) => return Err(End::Gone),
                },
                revoked = revocations.recv() => {
                    if revoked.is_ok() && revoked.ok() == login {
                        return Err(End::Close(close::UNAUTHENTICATED, "logged out"));
                    }
                }
                _ = recheck.tick(), if login.is_some() => self.check_login().await?,
                () = stops(&mut closing) => {
                    return Err(End::Close(close::GOING_AWAY, "the server stops"));
                }
            }
        }
    }

    fn login(&self) -> Option<&str> {
        match &self.principal {
            Principal::Browser { login, .. } => Some(login),
            Principal::Anonymous | Principal::CommandLine => None,
        }
    }

    fn proves(&self, auth: &Auth) -> bool {
        match &self.principal {
            Principal::Anonymous => false,
            Principal::Browser { secret_hash, .. } => secrets::matches(secret_hash, &auth.secret),
            Principal::CommandLine => self.state.logins.is_command_line(&auth.secret),
        }
    }

    async fn check_login(&mut self) -> Result<(), End> {
        let Principal::Browser { login, token_hash, .. } = &self.principal else { return Ok(()) };
        if std::mem::take(&mut self.used) && self.state.logins.touch(login).await.is_err() {
            // The next check tries again; the login has hours left.
            self.used = true;
        }
        match self.state.logins.live(token_hash).await {
            Ok(Some(_)) => Ok(()),
            Ok(None) => Err(End::Close(close::UNAUTHENTICATED, "the login has expired")),
            // A database that cannot answer now must not take terminals down.
            Err(_later) => Ok(()),
        }
    }

    async fn message(&mut self, mut message: Bytes) -> Result<(), End> {
        while let Some(frame) = Frame::take(&mut message)? {
            let channel = frame.channel;
            if let Err(error) = self.frame(frame).await? {
                self.outbox.send(ServerMessage::Error(channel, error)).await?;
            }
        }
        Ok(())
    }

    /// One frame. The inner error is told to the client and changes nothing else.
    async fn frame(&mut self, frame: Frame) -> Result<Result<(), ApiError>, End> {
        let message = match ClientMessage::read(frame) {
            Ok(message) => message,
            Err(error @ MessageError::UnknownKind(_)) => return Ok(Err(error.into())),
            Err(error @ (MessageError::Payload { .. } | MessageError::Channel(_))) => {
                return Ok(Err(error.into()));
            }
        };
        Ok(match message {
            ClientMessage::Auth(_) => {
                return Err(End::Close(close::PROTOCOL, "AUTH came twice"));
            }
            ClientMessage::Ping(seq) => {
                self.outbox.send(ServerMessage::Pong(seq)).await?;
                Ok(())
            }
            ClientMessage::Subscribe(subscribe) => {
                self.topics.shutdown().await;
                for topic in [Topic::Agents, Topic::Health] {
                    if subscribe.topics.contains(&topic) {
                        let follow = topics::follow(topic, self.state.clone(), self.outbox.clone());
                        self.topics.spawn(async move {
                            // The reader notices that the socket closed.
                            let _closed = follow.await;
                        });
                    }
                }
                Ok(())
            }
            ClientMessage::Open(id, open) => {
                self.used = true;
                self.open(id, open).await
            }
            ClientMessage::Close(id) => {
                self.channels.remove(&id);
                Ok(())
            }
            ClientMessage::Input { channel, seq, bytes } => {
                self.used = true;
                self.on(channel, |open| open.input(seq, bytes))
            }
            ClientMessage::Ack { channel, offset } => self.on(channel, |open| {
                open.ack(offset);
                Ok(())
            }),
            ClientMessage::Resize(channel, size) => self.on(channel, |open| {
                open.resize(size);
                Ok(())
            }),
        })
    }

    async fn open(&mut self, id: u16, open: protocol::message::Open) -> Result<(), ApiError> {
        let agent = self.state.topic.get(&open.terminal.agent);
        let number = open.terminal.number;
        if !agent.is_some_and(|agent| number == 0 || agent.terminal(number).is_some()) {
            return Err(ApiError::new(
                ErrorCode::NotFound,
                format!("There is no terminal {}. It may have been closed.", open.terminal),
            ));
        }
        if !self.channels.contains_key(&id) && self.channels.len() >= limits::CHANNELS_PER_SOCKET {
            return Err(ApiError::new(
                ErrorCode::TooLarge,
                "Too many terminals are open in this tab. Close one first.",
            ));
        }
        // A channel that is opened again is closed first: its viewer leaves before the new comes.
        self.channels.remove(&id);
        let channel = Channel::open(id, open, &self.state.hub, &self.outbox).await;
        self.channels.insert(id, channel);
        Ok(())
    }

    fn on(
        &mut self,
        channel: u16,
        act: impl FnOnce(&mut Channel) -> Result<(), ApiError>,
    ) -> Result<(), ApiError> {
        match self.channels.get_mut(&channel) {
            Some(open) => act(open),
            None => Err(ApiError::new(
                ErrorCode::NotFound,
                "That terminal is not open on this socket. Reload the page.",
            )),
        }
    }
}

/// Waits until the server stops.
async fn stops(closing: &mut watch::Receiver<bool>) {
    // An error means that it is gone already.
    let _gone = closing.wait_for(|closing| *closing).await;
}

async fn next_message(stream: &mut SplitStream<WebSocket>) -> Result<Bytes, End> {
    loop {
        match stream.next().await {
            Some(Ok(Message::Binary(bytes))) => return Ok(bytes),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            Some(Ok(Message::Text(_))) => {
                return Err(End::Close(close::UNSUPPORTED, "binary frames only"));
            }
            Some(Ok(Message::Close(_))) | None => return Err(End::Gone),
            Some(Err(error)) => {
                let too_large = error.to_string().contains("too long");
                return Err(if too_large {
                    End::Close(close::TOO_LARGE, "message too large")
                } else {
                    End::Gone
                });
            }
        }
    }
}
