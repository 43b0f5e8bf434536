//! Puts xterm.js in place of the text and joins it to a channel of the socket.

mod screen;

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use leptos::html::Div;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos::task;
use protocol::message::{SizeChange, View};
use protocol::terminals::{TerminalId, TerminalSize};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use self::screen::{News, Screen};
use super::keys::{Key, control_character};
use super::sequences::sequence;
use super::state::{TerminalState, is_paused};
use crate::socket::{
    ChannelHandle, Connection, SocketHandle, TerminalEvent, use_connection, use_socket,
};
use crate::ui::PAGE_TITLE;

/// The text view follows the screen at this pace.
const TEXT_EVERY: Duration = Duration::from_millis(300);
/// Windows of at most this width are phones; the style sheets know the same number.
const PHONE: &str = "(max-width: 640px)";
/// Where F6 goes, in the order of preference: to the controls of the page's header.
const AFTER: [&str; 1] = ["#main :is(button:not([disabled]), a[href])"];
/// Where Shift+F6 goes: to the sidebar, or what stands in for it.
const BEFORE: [&str; 3] = [".side [tabindex='0']", ".side a[href]", ".topbar a[href]"];
/// What opens, chooses or starts a terminal.
const CHOOSERS: &str = "[data-chooses-terminal]";
/// xterm.js could not be loaded.
const NOT_LOADED: &str =
    "The terminal could not be loaded, so this text does not change. Reload the page.";

/// A terminal view's live half: nothing until xterm.js is loaded, nothing again after the view.
#[derive(Clone, Copy)]
pub(super) struct LiveTerminal {
    open: StoredValue<Option<Rc<OpenTerminal>>, LocalStorage>,
    state: TerminalState,
    connection: Signal<Connection>,
    /// Whether this device may type.
    types: bool,
}

struct OpenTerminal {
    screen: Screen,
    channel: ChannelHandle,
    /// Its program has just come into view, and nothing of it is drawn yet.
    opened: Cell<bool>,
    text_timer: Cell<Option<TimeoutHandle>>,
}

impl Drop for OpenTerminal {
    fn drop(&mut self) {
        if let Some(timer) = self.text_timer.take() {
            timer.clear();
        }
    }
}

impl LiveTerminal {
    /// Opens the agent's terminal in this place once the view is mounted. `types` tells whether
    /// this device may do more than watch.
    pub(super) fn attach(
        id: TerminalId,
        place: NodeRef<Div>,
        state: TerminalState,
        types: bool,
    ) -> Self {
        let connection = use_connection();
        let terminal = Self { open: StoredValue::new_local(None), state, connection, types };
        let socket = use_socket();
        Effect::new(move |_| {
            if let Some(place) = place.get() {
                task::spawn_local(terminal.open(id.clone(), place.unchecked_into(), socket));
            }
        });
        Effect::new(move |_| {
            if connection.get().is_live() {
                state.dropped.set(false);
            }
        });
        terminal
    }

    async fn open(self, id: TerminalId, place: HtmlElement, socket: SocketHandle) {
        let phone = is_phone();
        let screen = Screen::mount(&place, phone, self.types, move |news| self.hear(news)).await;
        // The view may have left the page while the terminal was loaded.
        if self.open.is_disposed() {
            return;
        }
        let Ok(screen) = screen else {
            self.state.refusal.set(Some(NOT_LOADED.to_owned()));
            return;
        };
        // Whoever only watches resizes nothing, as a phone does not.
        let view = if phone || !self.types { View::Phone } else { View::Desktop };
        let room = screen.room();
        self.state.room.set(room);
        let size = room.unwrap_or(TerminalSize::UNSEEN);
        let channel = socket.open_terminal(id, view, size, move |event| self.take(event));
        let open =
            OpenTerminal { screen, channel, opened: Cell::new(false), text_timer: Cell::new(None) };
        self.open.set_value(Some(Rc::new(open)));
    }

    /// The open terminal, for as long as the view is there.
    fn get(self) -> Option<Rc<OpenTerminal>> {
        self.open.try_get_value().flatten()
    }

    fn hear(self, news: News) {
        match news {
            News::Input(bytes) => self.input(&bytes),
            News::Parsed(offset) => self.parsed(offset),
            News::Room(size) => self.room(size),
            News::Leave(backwards) => leave(backwards),
        }
    }

    fn take(self, event: TerminalEvent) {
        let Some(open) = self.get() else { return };
        match event {
            TerminalEvent::Opened(change) => {
                open.opened.set(true);
                self.state.ended.set(false);
                self.resize(&open.screen, change);
            }
            TerminalEvent::Sized(change) => self.resize(&open.screen, change),
            TerminalEvent::Output { bytes, until, fresh } => {
                if fresh {
                    open.screen.reset();
                    self.state.refusal.set(None);
                }
                open.screen.write(&bytes, until);
            }
            TerminalEvent::Taken => self.state.refusal.set(None),
            TerminalEvent::Ended(_) => {
                open.opened.set(false);
                self.state.ended.set(true);
            }
            TerminalEvent::Refused(error) => self.state.refusal.set(Some(error.message)),
        }
    }

    fn resize(self, screen: &Screen, change: SizeChange) {
        screen.resize(change.size);
        self.state.size.set(Some(change));
    }

    fn parsed(self, offset: u64) {
        let Some(open) = self.get() else { return };
        open.channel.parsed(offset);
        if !self.state.drawn.get_untracked() {
            self.state.drawn.set(true);
        }
        // Whoever opens or starts an agent wants to type; a phone's keyboard stays closed.
        if open.opened.take() && !is_phone() {
            self.focus_if_free();
        }
        let timer = open.text_timer.take().or_else(|| {
            let read = move || {
                if let Some(open) = self.get() {
                    open.text_timer.set(None);
                    self.state.text.set(open.screen.text());
                }
            };
            set_timeout_with_handle(read, TEXT_EVERY).ok()
        });
        open.text_timer.set(timer);
    }

    /// Takes the focus once the screen is visible, unless somebody uses it elsewhere.
    fn focus_if_free(self) {
        request_animation_frame(move || {
            if let Some(open) = self.get().filter(|_| focus_is_free()) {
                open.screen.focus();
            }
        });
    }

    /// Takes the keys from now on, once its place is visible. A phone's keyboard stays closed.
    pub(super) fn focus(self) {
        if is_phone() {
            return;
        }
        request_animation_frame(move || {
            if let Some(open) = self.get() {
                open.screen.focus();
            }
        });
    }

    fn room(self, size: TerminalSize) {
        // A sentence that comes and goes must not change the size of a running program.
        let paused = is_paused(self.connection.get_untracked(), self.state.dropped.get_untracked());
        let sentence = paused
            || self.state.ended.get_untracked()
            || self.state.watched.get_untracked()
            || self.state.refusal.with_untracked(Option::is_some);
        if let Some(open) = self.get().filter(|_| !sentence) {
            self.state.room.set(Some(size));
            open.channel.resize(size);
        }
    }

    fn input(self, bytes: &[u8]) {
        match bytes {
            [byte] if self.state.control.try_get_untracked() == Some(true) => {
                self.state.control.set(false);
                let key = control_character(char::from(*byte)).unwrap_or(char::from(*byte));
                self.send(key.to_string().as_bytes());
            }
            _ => {
                self.send(bytes);
            }
        }
    }

    /// Sends keys to the program; says so if that is not possible.
    fn send(self, bytes: &[u8]) -> bool {
        let Some(open) = self.get() else { return false };
        if self.state.ended.get_untracked() {
            return false;
        }
        if !self.types {
            self.state.watched.maybe_update(|watched| !std::mem::replace(watched, true));
            return false;
        }
        let sent = open.channel.input(bytes);
        if !sent {
            self.state.dropped.set(true);
        }
        sent
    }

    /// Presses a key of the bar, with Ctrl if that was pressed before.
    pub(super) fn press(self, key: Key) {
        let Some(open) = self.get() else { return };
        let control = self.state.control.get_untracked();
        self.state.control.set(false);
        self.send(sequence(key, control, open.screen.application_cursor()).as_bytes());
    }

    /// Sends a message and presses Enter, or says that it was not sent.
    pub(super) fn send_line(self, text: &str) -> bool {
        let Some(open) = self.get() else { return false };
        // The paste takes the way of typed keys; an empty one asks whether that way is open.
        let possible = self.send(b"");
        if possible {
            open.screen.paste(text);
            self.send(b"\r");
        }
        possible
    }

    /// Whether taps on the terminal open the device's keyboard.
    pub(super) fn set_keyboard(self, open: bool) {
        if let Some(terminal) = self.get() {
            terminal.screen.set_keyboard(open);
        }
    }
}

/// Moves the focus to the first control that takes it; hidden ones refuse.
fn leave(backwards: bool) {
    let document = document();
    let places: &[&str] = if backwards { &BEFORE } else { &AFTER };
    let found = places.iter().filter_map(|place| document.query_selector_all(place).ok());
    let controls = found.flat_map(|list| (0..list.length()).filter_map(move |at| list.get(at)));
    for control in controls.filter_map(|node| node.dyn_into::<HtmlElement>().ok()) {
        let taken = control.focus().is_ok()
            && document.active_element().is_some_and(|active| active == *control);
        if taken {
            return;
        }
    }
}

/// Whether the focus is where a page puts it by itself, or on what opened this terminal: nobody is
/// using it elsewhere.
fn focus_is_free() -> bool {
    document().active_element().is_none_or(|active| {
        active.tag_name().eq_ignore_ascii_case("body")
            || active.id() == PAGE_TITLE
            || matches!(active.closest(CHOOSERS), Ok(Some(_)))
    })
}

fn is_phone() -> bool {
    window().match_media(PHONE).ok().flatten().is_some_and(|query| query.matches())
}
