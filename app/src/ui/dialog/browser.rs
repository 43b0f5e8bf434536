//! Opening and closing the element itself.

use leptos::html;
use leptos::prelude::*;

/// Opens the dialog over an inert page.
pub(super) fn show(dialog: NodeRef<html::Dialog>) {
    if let Some(dialog) = dialog.get_untracked().filter(|dialog| !dialog.open()) {
        // Fails only for an element that is not in the document: then there is nothing to show.
        let _ = dialog.show_modal();
    }
}

/// Closes the dialog.
pub(super) fn close(dialog: NodeRef<html::Dialog>) {
    if let Some(dialog) = dialog.get_untracked().filter(web_sys::HtmlDialogElement::open) {
        dialog.close();
    }
}
