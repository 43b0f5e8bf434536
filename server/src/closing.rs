//! The end of the server, as its tasks wait for it.

use tokio::sync::watch;

/// Waits until the server stops.
pub(crate) async fn stops(closing: &mut watch::Receiver<bool>) {
    // An error means that it is gone already.
    let _gone = closing.wait_for(|closing| *closing).await;
}
