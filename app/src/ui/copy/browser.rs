//! The browser's clipboard, which pages have only over HTTPS or on the machine itself.

use leptos::prelude::window;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

/// Copies the text; whether that was possible.
pub(super) async fn copy(text: String) -> bool {
    let navigator = window().navigator();
    let offered = js_sys::Reflect::get(&navigator, &JsValue::from_str("clipboard"))
        .is_ok_and(|clipboard| clipboard.is_object());
    offered && JsFuture::from(navigator.clipboard().write_text(&text)).await.is_ok()
}
