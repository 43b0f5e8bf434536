//! Focus in the document.

use leptos::prelude::request_animation_frame;
use wasm_bindgen::JsCast;

/// Focuses the element with this id once the current change is drawn; an element that is gone by
/// then gets nothing.
pub fn focus(id: impl Into<String>) {
    let id = id.into();
    request_animation_frame(move || {
        let element = web_sys::window()
            .and_then(|window| window.document()?.get_element_by_id(&id))
            .and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok());
        if let Some(element) = element {
            // Focusing a hidden element is refused; then the focus stays where it is.
            let _ = element.focus();
        }
    });
}
