//! Dialogs are rendered closed.

use leptos::html;
use leptos::prelude::*;

/// Nothing opens on the server.
pub(super) fn show(_dialog: NodeRef<html::Dialog>) {}

/// Nothing is open on the server.
pub(super) fn close(_dialog: NodeRef<html::Dialog>) {}
