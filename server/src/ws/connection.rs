//! One socket's life: AUTH first, then frames in order, until either side ends it.

use std::collections::HashMap;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::SplitStream;
use protocol::access::Role;
use protocol::error::{ApiError, ErrorCode};
use protocol::events::Topic;
use protocol::frame::{Frame, FrameError, close};
use protocol::limits;
use protocol::message::{Auth, ClientMessage, Hello, MessageError, ServerMessage, View};
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinSet;
use tokio::time::{Instant, interval_at, timeout};

use super::channel::Channel;
use super::outbox::{Closed, Outbox};
use super::topics;
use crate::access::attempt;
use crate::access::decision::{too_little, unauthenticated};
use crate::access::matrix;
use crate::access::principal::Principal;
use crate::access::service::{Access, Standing};
use crate::closing::stops;
use crate::http::AppState;
use crate::secrets;

/// How often a socket's login is looked at again, besides being told when it is revoked.
const RECHECK: Duration = Duration::from_mins(1);
const AUTH_DEADLINE: Duration = Duration::from_millis(limits::AUTH_DEADLINE_MS);
const SILENCE: Duration = Duration::from_millis(limits::SOCKET_DEAD_MS);

/// Row of the matrix for the owner's own topic.
const PAIRINGS: &str = "SUBSCRIBE/pairings";
/// Row of the matrix for windows that may set a terminal's size.
const DRIVE: &str = "RESIZE/drive";

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
pub(super) async fn serve(socket: WebSocket, state: AppState, principal: Principal, peer: IpAddr) {
    let _counted = state.sockets.count();
    let (sink, stream) = socket.split();
    let outbox = Outbox::start(sink);
    let mut connection = Connection {
        id: secrets::hex(&secrets::random_bytes::<8>()),
        state,
        principal,
        peer,
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
    peer: IpAddr,
    outbox: Outbox,
    channels: HashMap<u16, Channel>,
    topics: JoinSet<()>,
    /// Somebody typed or opened a terminal since the login was last looked at.
    used: bool,
}

impl Connection {
    async fn run(&mut self, mut stream: SplitStream<WebSocket>) -> Result<(), End> {
        // From here on no change is missed, however long AUTH takes.
        let mut over = pin!(over(Arc::clone(&self.state.access), self.principal.clone()));
        let late = End::Close(close::AUTH_TIMEOUT, "no AUTH in time");
        let first = timeout(AUTH_DEADLINE, next_message(&mut stream)).await.map_err(|_| late)??;
        let mut first = first;
        match Frame::take(&mut first)?.map(ClientMessage::read) {
            Some(Ok(ClientMessage::Auth(auth))) if self.proves(&auth) => {}
            Some(Ok(ClientMessage::Auth(_))) => {
                let refusal = unauthenticated();
                let denied = attempt::denied_frame(&self.principal, self.peer, "AUTH", &refusal);
                self.state.access.trail.remark(denied);
                return Err(End::Close(close::UNAUTHENTICATED, "log in again"));
            }
            _ => return Err(End::Close(close::PROTOCOL, "AUTH must come first")),
        }
        goes_on(self.state.access.standing(&self.principal))?;
        let record = self.principal.record().map(str::to_owned);
        let _slot = match &record {
            None => None,
            Some(record) => Some(
                self.state
                    .access
                    .socket(record)
                    .ok_or(End::Close(close::TOO_MANY, "too many sockets for this login"))?,
            ),
        };
        let hello = Hello {
            connection: self.id.clone(),
            build: self.state.build.to_string(),
            role: self.role(),
        };
        self.outbox.send(ServerMessage::Hello(hello)).await?;
        self.message(first).await?;

        let mut recheck = interval_at(Instant::now() + RECHECK, RECHECK);
        let mut closing = self.state.closing.clone();
        loop {
            tokio::select! {
                message = timeout(SILENCE, next_message(&mut stream)) => match message {
                    // A viewer that does not read may hold this up, but not past its own end.
                    Ok(message) => tokio::select! {
                        taken = self.message(message?) => taken?,
                        standing = &mut over => return goes_on(standing),
                    },
                    Err(_silent) => return Err(End::Gone),
                },
                standing = &mut over => return goes_on(standing),
                _ = recheck.tick(), if record.is_some() => self.check_login().await?,
                () = stops(&mut closing) => {
                    return Err(End::Close(close::GOING_AWAY, "the server stops"));
                }
            }
        }
    }

    /// What this socket may do; least for those without a role.
    fn role(&self) -> Role {
        self.principal.role().unwrap_or_default()
    }

    fn proves(&self, auth: &Auth) -> bool {
        match &self.principal {
            Principal::Anonymous | Principal::Session(_) => false,
            Principal::Device(device) => secrets::matches(&device.secret_hash, &auth.secret),
            Principal::Script(script) => secrets::matches(&script.token_hash, &auth.secret),
            Principal::CommandLine => self.state.access.is_command_line(&auth.secret),
        }
    }

    /// Closes the socket of a login or token that is over or may do something else by now.
    async fn check_login(&mut self) -> Result<(), End> {
        if std::mem::take(&mut self.used)
            && let Principal::Device(device) = &self.principal
            && self.state.access.logins.touch(&device.id).await.is_err()
        {
            // The next check tries again; the login has hours left.
            self.used = true;
        }
        goes_on(self.state.access.standing(&self.principal))
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
            refused if !matrix::may_send(refused.name(), self.role()) => {
                Err(self.deny(refused.name(), Role::Operator))
            }
            ClientMessage::Ping(seq) => {
                self.outbox.send(ServerMessage::Pong(seq)).await?;
                Ok(())
            }
            ClientMessage::Subscribe(subscribe) => self.subscribe(&subscribe.topics).await,
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
                self.note_typing(channel);
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

    async fn subscribe(&mut self, topics: &[Topic]) -> Result<(), ApiError> {
        self.topics.shutdown().await;
        for topic in [Topic::Agents, Topic::Health, Topic::Pairings] {
            if !topics.contains(&topic) {
                continue;
            }
            if topic == Topic::Pairings && !matrix::may_send(PAIRINGS, self.role()) {
                return Err(self.deny(PAIRINGS, Role::Owner));
            }
            let follow = topics::follow(topic, self.state.clone(), self.outbox.clone());
            self.topics.spawn(async move {
                // The reader notices that the socket closed.
                let _closed = follow.await;
            });
        }
        Ok(())
    }

    /// The audit trail says once per open channel that somebody typed there, never what.
    fn note_typing(&mut self, channel: u16) {
        if let Some(terminal) = self.channels.get_mut(&channel).and_then(Channel::first_input) {
            let typed = attempt::frame(&self.principal, self.peer, "INPUT", &terminal);
            self.state.access.trail.remark(typed);
        }
    }

    /// Refuses a frame; the audit trail says so.
    fn deny(&self, frame: &str, least: Role) -> ApiError {
        let refusal = too_little(self.role(), least);
        let denied = attempt::denied_frame(&self.principal, self.peer, frame, &refusal);
        self.state.access.trail.remark(denied);
        refusal
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
        let mut open = open;
        if !matrix::may_send(DRIVE, self.role()) {
            // Whatever its window is: it never sets the size.
            open.view = View::Phone;
        }
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

/// Whether the socket of somebody with this standing goes on.
fn goes_on(standing: Standing) -> Result<(), End> {
    match standing {
        Standing::Same => Ok(()),
        Standing::OtherRole => {
            Err(End::Close(close::GOING_AWAY, "this device may do something else now"))
        }
        Standing::Over => Err(End::Close(close::UNAUTHENTICATED, "the login is over")),
    }
}

/// Waits until somebody is out, or may do something else than at the beginning.
fn over(access: Arc<Access>, principal: Principal) -> impl Future<Output = Standing> {
    // Subscribed at once, not when it is first waited for.
    let mut news = access.changes();
    async move {
        loop {
            match news.recv().await {
                Ok(changed) if Some(changed.as_str()) != principal.record() => continue,
                // Also when some were missed: it may have been one of those.
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => std::future::pending().await,
            }
            let standing = access.standing(&principal);
            if standing != Standing::Same {
                return standing;
            }
        }
    }
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
