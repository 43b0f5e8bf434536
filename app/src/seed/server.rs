//! Loading a page's data from the ports, before anything is rendered.

use crate::ports::Ports;
use crate::routes;
use crate::seed::Seed;

impl Seed {
    /// Everything that the page at this path shows. Failures are part of the data: the page says
    /// what could not be loaded.
    pub async fn load(ports: &Ports, path: &str) -> Self {
        let screen = match routes::terminal_at(path) {
            Some(id) => ports.terminals.screen(&id).await.ok().map(|screen| (id, screen)),
            None => None,
        };
        let health = ports.host.health().await.unwrap_or_default();
        Self { agents: ports.agents.list().await, host: ports.host.facts().await, health, screen }
    }
}
