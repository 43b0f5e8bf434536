//! Where taps report: one socket, and for each expected tap a secret number.

use std::collections::HashMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use protocol::terminals::TerminalId;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::oneshot;

use crate::error::TmuxError;
use crate::tap;

/// A tap says who it is within this time.
const HEADER_WITHIN: Duration = Duration::from_secs(5);
/// A started pane's tap reports within this time.
const REPORT_WITHIN: Duration = Duration::from_secs(5);
/// Rest after a failed accept, such as too many open files.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// The output of one pane, from the first byte after the header.
pub(crate) type TapStream = BufReader<UnixStream>;

/// Taps that were announced and have not reported.
#[derive(Clone, Default)]
pub(crate) struct Taps {
    armed: Arc<Mutex<HashMap<String, oneshot::Sender<TapStream>>>>,
}

/// An announced tap.
pub(crate) struct Expected {
    taps: Taps,
    header: String,
    stream: oneshot::Receiver<TapStream>,
}

impl Taps {
    /// Binds the socket for this user only.
    pub(crate) fn bind(path: &Path) -> Result<UnixListener, TmuxError> {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(TmuxError::io("replace", path)(error));
            }
            _ => {}
        }
        let listener = UnixListener::bind(path).map_err(TmuxError::io("listen on", path))?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))
            .map_err(TmuxError::io("protect", path))?;
        Ok(listener)
    }

    /// Announces the tap of this life of a terminal.
    pub(crate) fn expect(&self, terminal: &TerminalId, epoch: u64) -> Expected {
        let header = tap::header(&terminal.to_string(), &epoch.to_string());
        let (sender, stream) = oneshot::channel();
        self.with(|armed| armed.insert(header.clone(), sender));
        Expected { taps: self.clone(), header, stream }
    }

    fn with<R>(
        &self,
        action: impl FnOnce(&mut HashMap<String, oneshot::Sender<TapStream>>) -> R,
    ) -> R {
        action(&mut self.armed.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Accepts taps for ever.
    pub(crate) async fn serve(self, listener: UnixListener) {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    tokio::spawn(self.clone().welcome(stream));
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a tap");
                    tokio::time::sleep(ACCEPT_AGAIN).await;
                }
            }
        }
    }

    /// Hands the stream to whoever expects it, or drops it.
    async fn welcome(self, stream: UnixStream) {
        let mut stream = BufReader::new(stream);
        let mut header = Vec::new();
        let mut limited = (&mut stream).take(tap::HEADER_BYTES);
        let read = limited.read_until(b'\n', &mut header);
        if !matches!(tokio::time::timeout(HEADER_WITHIN, read).await, Ok(Ok(_))) {
            return;
        }
        let header = String::from_utf8_lossy(&header);
        if let Some(expected) = self.with(|armed| armed.remove(&*header)) {
            // Who expected it may have given up; then the tap ends with the stream.
            let _given_up = expected.send(stream);
        } else {
            tracing::warn!("dropped a tap that nobody announced");
        }
    }
}

impl Expected {
    /// Waits for the tap to report.
    pub(crate) async fn stream(mut self, terminal: &TerminalId) -> Result<TapStream, TmuxError> {
        match tokio::time::timeout(REPORT_WITHIN, &mut self.stream).await {
            Ok(Ok(stream)) => Ok(stream),
            _ => Err(TmuxError::TapSilent(terminal.clone())),
        }
    }
}

impl Drop for Expected {
    fn drop(&mut self) {
        self.taps.with(|armed| armed.remove(&self.header));
    }
}
