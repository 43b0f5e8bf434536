//! Opening, placing and walking through a menu.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::steps::target;

/// Room between button and menu, in px.
const GAP: f64 = 4.0;

/// Places the menu at its button, on the side where there is more room.
pub(super) fn place(button: NodeRef<html::Button>, menu: NodeRef<html::Div>) {
    if let Some(button) = button.get_untracked() {
        place_over(&button, menu);
    }
}

/// Places the menu at the element with this id, in the same way.
pub(super) fn place_at(id: &str, menu: NodeRef<html::Div>) {
    if let Some(element) = document().get_element_by_id(id) {
        place_over(&element, menu);
    }
}

fn place_over(element: &Element, menu: NodeRef<html::Div>) {
    let Some(menu) = menu.get_untracked() else { return };
    let place = element.get_bounding_client_rect();
    let extent = |length: Result<_, _>| {
        length.ok().and_then(|value: wasm_bindgen::JsValue| value.as_f64()).unwrap_or_default()
    };
    let (width, height) = (extent(window().inner_width()), extent(window().inner_height()));
    let right = (width - place.right()).max(GAP);
    let inset = if place.bottom() < height / 2.0 {
        format!("{}px {right}px auto auto", place.bottom() + GAP)
    } else {
        format!("auto {right}px {}px auto", height - place.top() + GAP)
    };
    // Setting a custom property of an element in the page cannot fail.
    let _ = HtmlElement::style(&menu).set_property("--menu-inset", &inset);
}

/// Opens the menu.
pub(super) fn open(menu: NodeRef<html::Div>) {
    if let Some(menu) = menu.get_untracked() {
        // Refused when it is open already: then there is nothing to do.
        let _ = menu.show_popover();
    }
}

/// Closes the menu; the focus goes back to where it was.
pub(super) fn close(menu: NodeRef<html::Div>) {
    if let Some(menu) = menu.get_untracked() {
        // Refused when it is closed already: then there is nothing to do.
        let _ = menu.hide_popover();
    }
}

/// Whether the menu is open.
pub(super) fn is_open(menu: NodeRef<html::Div>) -> bool {
    menu.get_untracked().is_some_and(|menu| menu.matches(":popover-open") == Ok(true))
}

/// Moves the focus inside the menu, if this key does that.
pub(super) fn step(menu: NodeRef<html::Div>, key: &str) -> bool {
    let Some(menu) = menu.get_untracked() else { return false };
    let Ok(entries) = menu.query_selector_all("[role^=menuitem]") else { return false };
    let entries: Vec<HtmlElement> =
        (0..entries.length()).filter_map(|at| entries.get(at)?.dyn_into().ok()).collect();
    let active = document().active_element();
    let is_active = |entry: &HtmlElement| {
        let entry: &Element = entry;
        active.as_ref() == Some(entry)
    };
    let at = entries.iter().position(is_active);
    let to = target(key, at, entries.len()).and_then(|to| entries.get(to));
    // An entry of an open menu takes the focus.
    to.is_some_and(|entry| entry.focus().is_ok())
}
