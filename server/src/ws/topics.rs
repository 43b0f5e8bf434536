//! Subscriptions: the state at a revision, then every change after it.

use std::sync::Arc;

use protocol::events::{TopicEvent, TopicState};
use protocol::message::ServerMessage;
use tokio::sync::broadcast::error::RecvError;

use super::outbox::{Closed, Outbox};
use crate::events::AgentsTopic;

/// Follows the agent list until the socket closes. A subscriber that fell behind starts again
/// from the state; it is never cut off.
pub(super) async fn follow_agents(topic: Arc<AgentsTopic>, outbox: Outbox) -> Result<(), Closed> {
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
