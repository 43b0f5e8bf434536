//! One WebSocket and its callbacks.

use bytes::{Bytes, BytesMut};
use leptos::prelude::window;
use protocol::frame::SUBPROTOCOL;
use protocol::limits;
use protocol::message::ClientMessage;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{BinaryType, CloseEvent, Event, MessageEvent, WebSocket};

/// What a socket has to say.
pub(super) enum News {
    /// It is open.
    Opened,
    /// A message came.
    Message(Bytes),
    /// It closed, or never opened. The last news.
    Closed(u16),
}

/// An open socket, or one on its way. Dropping it closes it, and nothing is heard of it any more.
pub(super) struct Wire {
    socket: WebSocket,
    _opened: Closure<dyn FnMut(Event)>,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _closed: Closure<dyn FnMut(CloseEvent)>,
}

impl Wire {
    /// Opens a socket to the server that the page came from.
    pub(super) fn open(hear: impl Fn(News) + Clone + 'static) -> Self {
        let socket = WebSocket::new_with_str(&address(), SUBPROTOCOL)
            .expect("the address is well formed: it is the page's own");
        socket.set_binary_type(BinaryType::Arraybuffer);
        let opened = {
            let hear = hear.clone();
            Closure::new(move |_| hear(News::Opened))
        };
        let message = {
            let hear = hear.clone();
            Closure::new(move |event: MessageEvent| {
                let bytes = js_sys::Uint8Array::new(&event.data()).to_vec();
                hear(News::Message(bytes.into()));
            })
        };
        let closed = Closure::new(move |event: CloseEvent| hear(News::Closed(event.code())));
        socket.set_onopen(Some(opened.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(closed.as_ref().unchecked_ref()));
        Self { socket, _opened: opened, _message: message, _closed: closed }
    }

    /// Sends frames, as few messages as the server's limit allows.
    pub(super) fn send(&self, messages: &[ClientMessage]) {
        let mut bytes = BytesMut::new();
        for message in messages {
            message.frame().put(&mut bytes);
            if bytes.len() >= limits::FRAME_PAYLOAD {
                self.flush(&mut bytes);
            }
        }
        self.flush(&mut bytes);
    }

    fn flush(&self, bytes: &mut BytesMut) {
        // A socket that closes takes nothing more, and the browser complains aloud; that it closed
        // is told in its own time.
        if !bytes.is_empty() && self.socket.ready_state() == WebSocket::OPEN {
            let _closed_this_moment = self.socket.send_with_u8_array(bytes);
        }
        bytes.clear();
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        // Fails only for codes that are not allowed; this sends none.
        let _closed = self.socket.close();
    }
}

fn address() -> String {
    let location = window().location();
    let secure = location.protocol().is_ok_and(|protocol| protocol == "https:");
    let scheme = if secure { "wss" } else { "ws" };
    format!("{scheme}://{}/ws", location.host().unwrap_or_default())
}
