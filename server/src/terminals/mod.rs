//! Live terminals: which agent has one, who looks at it, and whose window sets its size.

mod hub;
mod viewers;

pub use hub::{Hub, Shown, Viewer};
pub use viewers::Viewers;
