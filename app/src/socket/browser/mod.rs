//! Does what the connection's state machine says, with a WebSocket, timers and `fetch`.

mod wire;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};
use std::time::Duration;

use bytes::Bytes;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos::{ev, task};
use protocol::access::Role;
use protocol::events::Topic;
use protocol::frame::{Frame, close};
use protocol::message::{Auth, ClientMessage, ServerMessage, Subscribe, View};
use protocol::terminals::{TerminalId, TerminalSize};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

use self::wire::{News, Wire};
pub(crate) use super::channels::TerminalEvent;
use super::channels::{Ack, Channels};
use super::link::{Command, Event, Link};
use super::{Connection, SocketHandle, TopicSink};
use crate::session;

/// Parsed output is acknowledged at the latest after this time.
const ACK_WITHIN: Duration = Duration::from_millis(50);
/// Any file that takes a login: asked for when a socket was refused without a reason.
const NEEDS_LOGIN: &str = "/icon.svg";

/// The connection of this tab.
#[derive(Clone, Copy)]
pub(super) struct Tab(StoredValue<Rc<Socket>, LocalStorage>);

/// An open terminal. Dropping it closes the channel.
pub(crate) struct ChannelHandle {
    id: u16,
    socket: Weak<Socket>,
}

type Listener = Rc<dyn Fn(TerminalEvent)>;

struct Socket {
    link: RefCell<Link>,
    channels: RefCell<Channels>,
    topics: RefCell<Vec<Topic>>,
    listeners: RefCell<BTreeMap<u16, Listener>>,
    acks_due: RefCell<BTreeMap<u16, TimeoutHandle>>,
    wire: RefCell<Option<Wire>>,
    timer: Cell<Option<TimeoutHandle>>,
    sink: Box<dyn TopicSink>,
    connection: WriteSignal<Connection>,
    this: Weak<Socket>,
}

impl Tab {
    /// Connects as soon as the page is mounted.
    pub(super) fn start(
        sink: impl TopicSink,
        role: Role,
        connection: WriteSignal<Connection>,
    ) -> Self {
        let socket = Rc::new_cyclic(|this| Socket {
            link: RefCell::new(Link::new(page_build(), role, now_ms())),
            channels: RefCell::default(),
            topics: RefCell::new(vec![Topic::Agents, Topic::Health]),
            listeners: RefCell::default(),
            acks_due: RefCell::default(),
            wire: RefCell::default(),
            timer: Cell::new(None),
            sink: Box::new(sink),
            connection,
            this: Weak::clone(this),
        });
        let tab = Self(StoredValue::new_local(socket));
        Effect::new(move |_| {
            tab.handle(&Event::Woke);
            let nudge = move || tab.handle(&Event::Nudged);
            let online = window_event_listener(ev::online, move |_| nudge());
            let visible = window_event_listener(ev::visibilitychange, move |_| {
                if !document().hidden() {
                    nudge();
                }
            });
            on_cleanup(move || {
                online.remove();
                visible.remove();
            });
        });
        tab
    }

    /// Does not wait for the back-off.
    pub(super) fn retry_now(self) {
        self.handle(&Event::Nudged);
    }

    /// Subscribes to this topic too.
    pub(super) fn follow(self, topic: Topic) {
        self.0.try_with_value(|socket| {
            socket.topics.borrow_mut().push(topic);
            socket.send(&[socket.subscribe()]);
        });
    }

    /// Leaves this topic.
    pub(super) fn unfollow(self, topic: Topic) {
        // The whole app may be what goes.
        self.0.try_with_value(|socket| {
            socket.topics.borrow_mut().retain(|known| *known != topic);
            socket.send(&[socket.subscribe()]);
        });
    }

    fn handle(self, event: &Event) {
        // The app may be gone while its listeners still are there.
        self.0.try_with_value(|socket| socket.handle(event));
    }
}

impl SocketHandle {
    /// Opens an agent's terminal. The listener hears from it until the handle is dropped.
    pub(crate) fn open_terminal(
        self,
        terminal: TerminalId,
        view: View,
        size: TerminalSize,
        listener: impl Fn(TerminalEvent) + 'static,
    ) -> ChannelHandle {
        self.tab.0.with_value(|socket| {
            let (id, open) = socket.channels.borrow_mut().open(terminal, view, size);
            socket.listeners.borrow_mut().insert(id, Rc::new(listener));
            socket.send(&[open]);
            ChannelHandle { id, socket: Rc::downgrade(socket) }
        })
    }
}

impl ChannelHandle {
    /// Sends bytes to the program, or says that they cannot be sent now. They are not kept: keys
    /// that arrive late would hit another screen than the one they were meant for.
    pub(crate) fn input(&self, bytes: &[u8]) -> bool {
        self.socket.upgrade().is_some_and(|socket| {
            let live = socket.link.borrow().is_ready();
            if live {
                let messages = socket.channels.borrow_mut().input(self.id, bytes);
                socket.send(&messages);
            }
            live
        })
    }

    /// Tells the size that the view has room for; the server decides.
    pub(crate) fn resize(&self, size: TerminalSize) {
        if let Some(socket) = self.socket.upgrade() {
            let message = socket.channels.borrow_mut().resize(self.id, size);
            socket.send(message.as_slice());
        }
    }

    /// Output up to this offset is on the screen.
    pub(crate) fn parsed(&self, offset: u64) {
        if let Some(socket) = self.socket.upgrade() {
            socket.parsed(self.id, offset);
        }
    }
}

impl Drop for ChannelHandle {
    fn drop(&mut self) {
        if let Some(socket) = self.socket.upgrade() {
            socket.listeners.borrow_mut().remove(&self.id);
            if let Some(timer) = socket.acks_due.borrow_mut().remove(&self.id) {
                timer.clear();
            }
            let message = socket.channels.borrow_mut().close(self.id);
            socket.send(message.as_slice());
        }
    }
}

impl Socket {
    fn handle(&self, event: &Event) {
        let commands = self.link.borrow_mut().step(event, now_ms(), js_sys::Math::random());
        for command in commands {
            self.perform(command);
        }
        self.set_timer();
        let connection = self.link.borrow().connection(now_ms());
        self.connection.maybe_update(|shown| {
            let changed = *shown != connection;
            *shown = connection;
            changed
        });
    }

    fn perform(&self, command: Command) {
        match command {
            Command::Connect => {
                let this = Weak::clone(&self.this);
                let wire = Wire::open(move |news| {
                    if let Some(socket) = this.upgrade() {
                        socket.hear(news);
                    }
                });
                self.wire.replace(Some(wire));
            }
            Command::Disconnect => drop(self.wire.take()),
            Command::CheckLogin => self.check_login(),
            Command::Authenticate => {
                // Without a secret the server says what it says to a wrong one: log in again.
                let secret = session::secret().unwrap_or_default();
                self.put(&[ClientMessage::Auth(Auth { secret })]);
            }
            Command::Resume => {
                let mut messages = vec![self.subscribe()];
                messages.extend(self.channels.borrow_mut().open_again());
                self.put(&messages);
            }
            Command::Ping(number) => self.put(&[ClientMessage::Ping(number)]),
            Command::Reload => {
                // Fails only where a page may not navigate: then its server refuses what it asks.
                let _reloading = window().location().reload();
            }
        }
    }

    /// What asks for all topics that are followed, in place of what was asked for before.
    fn subscribe(&self) -> ClientMessage {
        ClientMessage::Subscribe(Subscribe { topics: self.topics.borrow().clone() })
    }

    /// Sends if there is a connection. What is not sent is either made up for by opening the
    /// channels again, or must not be sent later.
    fn send(&self, messages: &[ClientMessage]) {
        if self.link.borrow().is_ready() {
            self.put(messages);
        }
    }

    fn put(&self, messages: &[ClientMessage]) {
        if let Some(wire) = &*self.wire.borrow() {
            wire.send(messages);
        }
    }

    fn hear(&self, news: News) {
        match news {
            News::Opened => self.handle(&Event::Opened),
            News::Closed(code) => self.handle(&Event::Closed(code)),
            News::Message(message) => self.read(message),
        }
    }

    fn read(&self, mut message: Bytes) {
        loop {
            match Frame::take(&mut message) {
                Ok(Some(frame)) => {
                    // What is not known, or cannot be read, is of a newer server.
                    if let Ok(Some(message)) = ServerMessage::read(frame) {
                        self.take(message);
                    }
                }
                Ok(None) => return,
                Err(_cut) => {
                    drop(self.wire.take());
                    return self.handle(&Event::Closed(close::PROTOCOL));
                }
            }
        }
    }

    fn take(&self, message: ServerMessage) {
        match message {
            ServerMessage::Hello(hello) => {
                self.handle(&Event::Hello(hello.build, hello.role));
            }
            ServerMessage::Pong(number) => self.handle(&Event::Pong(number)),
            ServerMessage::State(state) => self.sink.state(state),
            ServerMessage::Event(event) => self.sink.event(event),
            ServerMessage::Error(0, error) => leptos::logging::warn!("{error}"),
            message => {
                let reaction = self.channels.borrow_mut().take(message);
                self.send(reaction.send.as_slice());
                if let Some((id, event)) = reaction.tell {
                    let listener = self.listeners.borrow().get(&id).cloned();
                    if let Some(listener) = listener {
                        listener(event);
                    }
                }
            }
        }
    }

    fn parsed(&self, id: u16, offset: u64) {
        let ack = self.channels.borrow_mut().parsed(id, offset);
        match ack {
            Ack::Now(message) => self.send(&[message]),
            Ack::Soon if !self.acks_due.borrow().contains_key(&id) => {
                let this = Weak::clone(&self.this);
                let acknowledge = move || {
                    if let Some(socket) = this.upgrade() {
                        socket.acks_due.borrow_mut().remove(&id);
                        let message = socket.channels.borrow_mut().ack(id);
                        socket.send(message.as_slice());
                    }
                };
                if let Ok(timer) = set_timeout_with_handle(acknowledge, ACK_WITHIN) {
                    self.acks_due.borrow_mut().insert(id, timer);
                }
            }
            Ack::Soon | Ack::Never => {}
        }
    }

    fn set_timer(&self) {
        if let Some(timer) = self.timer.take() {
            timer.clear();
        }
        let now = now_ms();
        let Some(due) = self.link.borrow().wake_at(now) else { return };
        let this = Weak::clone(&self.this);
        let wake = move || {
            if let Some(socket) = this.upgrade() {
                socket.handle(&Event::Woke);
            }
        };
        let pause = Duration::from_millis(due.saturating_sub(now));
        self.timer.set(set_timeout_with_handle(wake, pause).ok());
    }

    fn check_login(&self) {
        let this = Weak::clone(&self.this);
        let answer = JsFuture::from(window().fetch_with_str(NEEDS_LOGIN));
        task::spawn_local(async move {
            // No answer means no network: the next try will tell.
            let Ok(answer) = answer.await else { return };
            let status = answer.dyn_into().map(|answer: web_sys::Response| answer.status());
            if let (Ok(UNAUTHORIZED), Some(socket)) = (status, this.upgrade()) {
                socket.handle(&Event::LoginEnded);
            }
        });
    }
}

/// HTTP status: not logged in.
const UNAUTHORIZED: u16 = 401;

/// Milliseconds since the page was opened.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "never negative")]
fn now_ms() -> u64 {
    window().performance().map_or(0, |clock| clock.now() as u64)
}

/// The build that rendered this page.
fn page_build() -> String {
    let meta = document().query_selector(r#"meta[name="maestro-build"]"#).ok().flatten();
    meta.and_then(|meta| meta.get_attribute("content")).unwrap_or_default()
}
