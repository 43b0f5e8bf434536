//! The Maestro server: one process that owns a data folder, a tmux server and a web address.
//!
//! Read in this order: [`command`] (what can be typed), [`config`] and [`home`] (where things
//! are), [`serve`] (how the parts are put together), then the parts: [`agents`], [`terminals`],
//! [`access`], [`http`], `ws`.

pub mod access;
pub mod agents;
mod clock;
pub mod command;
pub mod config;
pub mod doctor;
pub mod events;
pub mod home;
mod host;
pub mod http;
mod licenses;
pub mod logging;
mod secrets;
pub mod serve;
pub mod terminals;
mod ws;
