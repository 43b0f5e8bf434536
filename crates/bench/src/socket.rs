//! A viewer of one terminal, as fast as a client can be.

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use protocol::frame::{Frame, SUBPROTOCOL};
use protocol::message::{Auth, ClientMessage, Open, ServerMessage, View};
use protocol::terminals::TerminalSize;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use crate::Outcome;
use crate::instance::Instance;

const CHANNEL: u16 = 1;

/// An open terminal.
pub(crate) struct Viewer {
    stream: WebSocketStream<TcpStream>,
    typed: u64,
}

impl Viewer {
    /// Connects and opens an agent's terminal.
    pub(crate) async fn open(instance: &Instance, agent: &str) -> Outcome<Self> {
        let mut request = format!("ws://{}/ws", instance.address).into_client_request()?;
        let headers = request.headers_mut();
        headers.insert("sec-websocket-protocol", SUBPROTOCOL.parse()?);
        headers.insert("authorization", format!("Bearer {}", instance.token).parse()?);
        let tcp = TcpStream::connect(&instance.address).await?;
        tcp.set_nodelay(true)?;
        let (stream, _) = tokio_tungstenite::client_async(request, tcp).await?;
        let mut viewer = Self { stream, typed: 0 };
        viewer.send(ClientMessage::Auth(Auth { secret: instance.token.clone() })).await?;
        let size = TerminalSize::UNSEEN;
        let terminal = agent.parse()?;
        let open = Open { terminal, view: View::Desktop, size, resume: None };
        viewer.send(ClientMessage::Open(CHANNEL, open)).await?;
        Ok(viewer)
    }

    /// Types one key.
    pub(crate) async fn key(&mut self, key: u8) -> Outcome<()> {
        self.typed += 1;
        let bytes = Bytes::copy_from_slice(&[key]);
        self.send(ClientMessage::Input { channel: CHANNEL, seq: self.typed, bytes }).await
    }

    /// Waits for output that holds these bytes.
    pub(crate) async fn shows(&mut self, wanted: &[u8]) -> Outcome<()> {
        loop {
            let message = self.stream.next().await.ok_or("the socket ended")??;
            let Message::Binary(mut message) = message else { continue };
            let mut found = false;
            while let Some(frame) = Frame::take(&mut message)? {
                let (bytes, end) = match ServerMessage::read(frame)? {
                    Some(ServerMessage::Data { offset, bytes, .. }) => {
                        let end = offset + bytes.len() as u64;
                        (bytes, end)
                    }
                    Some(ServerMessage::Snapshot { offset, bytes, .. }) => (bytes, offset),
                    Some(ServerMessage::Error(_, error)) => return Err(error.into()),
                    _ => continue,
                };
                found |= bytes.windows(wanted.len()).any(|window| window == wanted);
                self.send(ClientMessage::Ack { channel: CHANNEL, offset: end }).await?;
            }
            if found {
                return Ok(());
            }
        }
    }

    async fn send(&mut self, message: ClientMessage) -> Outcome<()> {
        Ok(self.stream.send(Message::Binary(message.frame().encode())).await?)
    }
}
