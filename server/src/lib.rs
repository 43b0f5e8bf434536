//! The Maestro server: one process that owns a data folder, a tmux server and a web address.
//!
//! Read in this order: [`command`] (what can be typed), [`config`] and [`home`] (where things
//! are), [`serve`] (how the parts are put together), then the parts: [`agents`], [`terminals`],
//! [`access`], [`http`], `ws`.

pub mod access;
pub mod agents;
mod amounts;
pub mod audit;
mod backups;
mod boot;
mod clock;
mod closing;
pub mod command;
pub mod config;
mod diagnostics;
pub mod doctor;
pub mod events;
pub mod health;
pub mod home;
mod host;
pub mod http;
mod licenses;
pub mod logging;
pub mod metrics;
mod platform;
mod report;
mod restore;
mod secrets;
pub mod serve;
mod service;
pub mod terminals;
pub mod tls;
mod ws;
