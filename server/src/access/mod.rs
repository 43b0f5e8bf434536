//! Who may do what: principals, and the table that every route and frame must be in.

pub mod about;
pub mod attempt;
pub mod decision;
mod endings;
pub mod gatekeeper;
pub mod logins;
pub mod matrix;
pub mod names;
pub mod pairings;
pub mod principal;
pub mod service;
#[cfg(test)]
mod tests;
pub mod tokens;
