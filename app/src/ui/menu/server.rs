//! Menus are rendered closed.

use leptos::html;
use leptos::prelude::*;

/// There is no place on the server.
pub(super) fn place(_button: NodeRef<html::Button>, _menu: NodeRef<html::Div>) {}

/// There is no place on the server.
pub(super) fn place_at(_id: &str, _menu: NodeRef<html::Div>) {}

/// Nothing opens on the server.
pub(super) fn open(_menu: NodeRef<html::Div>) {}

/// Nothing is open on the server.
pub(super) fn close(_menu: NodeRef<html::Div>) {}

/// Nothing is open on the server.
pub(super) fn is_open(_menu: NodeRef<html::Div>) -> bool {
    false
}

/// Nothing has the focus on the server.
pub(super) fn step(_menu: NodeRef<html::Div>, _key: &str) -> bool {
    false
}
