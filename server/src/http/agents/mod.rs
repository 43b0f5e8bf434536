//! `/api/agents`, `/api/terminals` and `/api/trash`, for scripts and the command line.

pub(crate) mod records;
pub(crate) mod sessions;
pub(crate) mod terminals;
pub(crate) mod trash;
