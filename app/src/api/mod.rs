//! Server functions, named by noun and verb: `api::agents::create`. Each calls a port; rules live
//! behind it.

pub(crate) mod access;
pub(crate) mod agents;
pub(crate) mod host;
pub(crate) mod terminals;
