//! Subscriptions: the state at a revision, then every change after it.

use std::sync::Arc;

use protocol::events::{Topic, TopicEvent, TopicState};
use protocol::message::ServerMessage;
use tokio::sync::broadcast::error::RecvError;

use super::outbox::{Closed, Outbox};
use crate::events::AgentsTopic;
use crate::health::Health;
use crate::http::AppState;

/// Follows one topic until the socket closes.
pub(super) async fn follow(topic: Topic, state: AppState, outbox: Outbox) -> Result<(), Closed> {
    match topic {
        Topic::Agents => follow_agents(state.topic, outbox).await,
        Topic::Health => follow_health(state.health, outbox).await,
        Topic::Pairings => follow_pairings(&state, outbox).await,
    }
}

/// Follows what is wrong with the host: only the newest word counts.
async fn follow_health(health: Arc<Health>, outbox: Outbox) -> Result<(), Closed> {
    let mut changes = health.subscribe();
    let now = changes.borrow_and_update().clone();
    outbox.send(ServerMessage::State(TopicState::Health(now))).await?;
    while changes.changed().await.is_ok() {
        let now = changes.borrow_and_update().clone();
        outbox.send(ServerMessage::Event(TopicEvent::Health(now))).await?;
    }
    Ok(())
}

/// Follows the open pairings: only the newest word counts.
async fn follow_pairings(state: &AppState, outbox: Outbox) -> Result<(), Closed> {
    let mut changes = state.access.pairings.subscribe();
    let now = changes.borrow_and_update().clone();
    outbox.send(ServerMessage::State(TopicState::Pairings(now))).await?;
    while changes.changed().await.is_ok() {
        let now = changes.borrow_and_update().clone();
        outbox.send(ServerMessage::Event(TopicEvent::Pairings(now))).await?;
    }
    Ok(())
}

/// Follows the agent list until the socket closes. A subscriber that fell behind starts again
/// from the state; it is never cut off.
async fn follow_agents(topic: Arc<AgentsTopic>, outbox: Outbox) -> Result<(), Closed> {
    loop {
        let (list, mut changes) = topic.subscribe();
        outbox.send(ServerMessage::State(TopicState::Agents(list))).await?;
        loop {
            match changes.recv().await {
                Ok((revision, event)) => {
                    let event = TopicEvent::Agents { revision, event };
                    outbox.send(ServerMessage::Event(event)).await?;
                }
                Err(RecvError::Lagged(_)) => break,
                Err(RecvError::Closed) => return Ok(()),
            }
        }
    }
}
