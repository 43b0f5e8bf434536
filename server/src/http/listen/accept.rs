//! Accepting connections and serving them until the server stops.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::yield_now;
use tokio::time::{sleep, timeout};
use tower::ServiceExt as _;

use super::counted::Counted;
use super::door::{Door, Guard};
use super::redirect;
use super::slots::{MOMENT, Slot, Slots};
use super::welcome::{Welcome, patience};
use crate::closing::stops;
use crate::http::edge::Edge;
use crate::http::errors::HttpError;

/// How long a TLS handshake, and after it a request's head, may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Largest head of a request. The gate refuses headers above half of that, with a sentence.
const HEAD_BYTES: usize = 32 * 1024;
/// How long to wait when the system has no file left for a connection.
const SHORTAGE: Duration = Duration::from_millis(50);
/// First byte of every TLS connection.
const HANDSHAKE: u8 = 0x16;

/// What all listeners share; cheap to clone.
#[derive(Clone)]
pub(crate) struct Attendant {
    /// Counts connections.
    pub(crate) slots: Slots,
    /// Answers requests.
    pub(crate) router: Router,
    /// Turns true when the server stops.
    pub(crate) closing: watch::Receiver<bool>,
}

/// Serves one listener; open requests may finish after `closing` turns true.
pub(crate) async fn accept(listener: TcpListener, door: Door, attendant: Attendant) {
    let (open, seen) = watch::channel(());
    let mut closing = attendant.closing.clone();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stops(&mut closing) => break,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) if is_of_the_peer(&error) => continue,
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                attendant.slots.make_room();
                sleep(SHORTAGE).await;
                continue;
            }
        };
        let Some(slot) = attendant.slots.enter(peer.ip(), door.loopback) else {
            tracing::warn!("too many connections are open");
            continue;
        };
        let (door, attendant, seen) = (door.clone(), attendant.clone(), seen.clone());
        tokio::spawn(async move {
            attend(stream, peer, Arc::new(slot), door, attendant).await;
            drop(seen);
        });
        // In a flood, whoever sent its request at once is heard before the next are let in.
        yield_now().await;
    }
    drop((listener, seen));
    open.closed().await;
}

/// One connection to its end, or until it has to make room while nobody knows who it is.
async fn attend(
    stream: TcpStream,
    peer: SocketAddr,
    slot: Arc<Slot>,
    door: Door,
    attendant: Attendant,
) {
    let mut closing = attendant.closing.clone();
    let left_silent = async {
        stops(&mut closing).await;
        if !slot.is_silent() {
            std::future::pending::<()>().await;
        }
    };
    let grown_old = async {
        sleep(MOMENT).await;
        slot.wait();
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = grown_old => {}
        () = slot.closed() => tracing::debug!("a stranger's connection was closed"),
        () = left_silent => {}
        () = greet(stream, peer, &slot, door, attendant) => {}
    }
}

/// Finds out what is spoken, and answers in it.
async fn greet(
    stream: TcpStream,
    peer: SocketAddr,
    slot: &Arc<Slot>,
    door: Door,
    attendant: Attendant,
) {
    // Keystrokes must not wait for a fuller packet.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY was not set");
    }
    let Ok(local) = stream.local_addr() else { return };
    let edge = door.edge(peer, local);
    let Guard::Tls(acceptor) = &door.guard else {
        return converse(stream, slot, edge, attendant).await;
    };
    let mut first = [0];
    match timeout(PATIENCE, stream.peek(&mut first)).await {
        Ok(Ok(1)) => {}
        _ => return,
    }
    if first[0] != HANDSHAKE {
        return redirect::answer(stream, slot, &edge, builder()).await;
    }
    match timeout(PATIENCE, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => converse(stream, slot, edge, attendant).await,
        Ok(Err(error)) => tracing::debug!(%error, "no TLS was agreed on"),
        Err(_elapsed) => tracing::debug!("a TLS handshake took too long"),
    }
}

async fn converse(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    slot: &Arc<Slot>,
    edge: Edge,
    attendant: Attendant,
) {
    let Attendant { router, mut closing, .. } = attendant;
    let service = service_fn(|request: hyper::Request<Incoming>| {
        answer(request.map(Body::new), &edge, slot, router.clone())
    });
    let io = TokioIo::new(Counted::new(stream, Arc::clone(slot)));
    let mut connection = pin!(builder().serve_connection(io, service).with_upgrades());
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stops(&mut closing) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke off");
    }
}

/// Answers one request, or hangs up on a stranger who takes too long.
async fn answer(
    mut request: Request,
    edge: &Edge,
    slot: &Arc<Slot>,
    router: Router,
) -> Result<Response, Infallible> {
    let edge = match edge.admit(request.headers()) {
        Ok(edge) => edge,
        Err(error) => {
            slot.speak(edge.peer.ip());
            return Ok(HttpError(error).into_response());
        }
    };
    slot.speak(edge.client);
    let welcome = Welcome::new(slot);
    let patience = patience(&request);
    request.extensions_mut().insert(edge);
    request.extensions_mut().insert(welcome.clone());
    tokio::select! {
        answer = router.oneshot(request) => answer,
        never = welcome.expire(patience) => never,
    }
}

fn builder() -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(PATIENCE).max_header_size(HEAD_BYTES);
    builder
}

/// Errors of one connection, which say nothing about the next.
fn is_of_the_peer(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
