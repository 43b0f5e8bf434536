//! Navigation inside the browser has no status.

use super::PageStatus;

/// Nothing to set: there is no response.
pub(crate) fn set_status(_status: PageStatus) {}
