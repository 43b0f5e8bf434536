//! One WebSocket per browser tab: terminals and live lists. The wire format is
//! [`protocol::frame`].
//!
//! A reader task takes frames in order; each open terminal has a task that follows its cursor;
//! one writer task owns the sending half. Queues between them are short and bounded: the only
//! buffer of a terminal's output is its ring.

mod channel;
mod connection;
mod outbox;
mod sockets;
mod topics;
mod upgrade;

pub(crate) use sockets::Sockets;
pub(crate) use upgrade::upgrade;
