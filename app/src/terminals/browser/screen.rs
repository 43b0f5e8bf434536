//! The terminal module that is built from npm, as Rust sees it. It is loaded on first use.

use js_sys::{Object, Reflect, Uint8Array};
use protocol::terminals::TerminalSize;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlElement;

/// Where the build puts the module.
const MODULE: &str = "/vendor/terminal.js";
/// Accessible name of the field that takes the keys.
const LABEL: &str = "Type into the terminal. F6 leaves it.";
/// The same on a device that only watches.
const WATCHING_LABEL: &str = "The terminal, to watch only. F6 leaves it.";

#[wasm_bindgen(inline_js = "export const load = (module) => import(module);")]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn load(module: &str) -> Result<JsValue, JsValue>;
}

#[wasm_bindgen]
extern "C" {
    /// The module's exports.
    type Module;

    #[wasm_bindgen(method, catch)]
    async fn mount(
        this: &Module,
        place: &HtmlElement,
        options: &Object,
    ) -> Result<JsValue, JsValue>;

    /// What `mount` resolves to; `frontend/js/terminal.js` describes its methods.
    type Mounted;

    #[wasm_bindgen(method)]
    fn write(this: &Mounted, bytes: Uint8Array, offset: f64);
    #[wasm_bindgen(method)]
    fn reset(this: &Mounted);
    #[wasm_bindgen(method)]
    fn resize(this: &Mounted, cols: u16, rows: u16);
    #[wasm_bindgen(method, js_name = proposeSize)]
    fn propose_size(this: &Mounted) -> Option<Vec<u16>>;
    #[wasm_bindgen(method)]
    fn focus(this: &Mounted);
    #[wasm_bindgen(method)]
    fn text(this: &Mounted) -> String;
    #[wasm_bindgen(method, getter, js_name = applicationCursor)]
    fn application_cursor(this: &Mounted) -> bool;
    #[wasm_bindgen(method)]
    fn paste(this: &Mounted, text: &str);
    #[wasm_bindgen(method, js_name = setKeyboard)]
    fn set_keyboard(this: &Mounted, open: bool);
    #[wasm_bindgen(method)]
    fn dispose(this: &Mounted);
}

/// What a screen has to say.
pub(super) enum News {
    /// The user typed, pasted or clicked: bytes for the program.
    Input(Vec<u8>),
    /// Output up to this offset is on the screen.
    Parsed(u64),
    /// The window has room for this size now.
    Room(TerminalSize),
    /// The focus shall go to the region before (`true`) or after the terminal.
    Leave(bool),
}

/// A terminal in the page. Dropping it takes it out.
pub(super) struct Screen {
    mounted: Mounted,
    _input: Closure<dyn Fn(Vec<u8>)>,
    _parsed: Closure<dyn Fn(f64)>,
    _room: Closure<dyn Fn(u16, u16)>,
    _leave: Closure<dyn Fn(bool)>,
}

impl Screen {
    /// Loads the module and opens a terminal in this place.
    pub(super) async fn mount(
        place: &HtmlElement,
        phone: bool,
        types: bool,
        tell: impl Fn(News) + Copy + 'static,
    ) -> Result<Self, JsValue> {
        let module: Module = load(MODULE).await?.unchecked_into();
        let input = Closure::new(move |bytes| tell(News::Input(bytes)));
        let parsed = Closure::new(move |offset| tell(News::Parsed(to_offset(offset))));
        let room = Closure::new(move |cols, rows| tell(News::Room(TerminalSize { cols, rows })));
        let leave = Closure::new(move |backwards| tell(News::Leave(backwards)));
        let options = Object::new();
        for (name, value) in [
            ("phone", &JsValue::from_bool(phone)),
            ("label", &JsValue::from_str(if types { LABEL } else { WATCHING_LABEL })),
            ("onInput", input.as_ref()),
            ("onParsed", parsed.as_ref()),
            ("onPropose", room.as_ref()),
            ("onLeave", leave.as_ref()),
        ] {
            Reflect::set(&options, &name.into(), value)?;
        }
        let mounted = module.mount(place, &options).await?.unchecked_into();
        Ok(Self { mounted, _input: input, _parsed: parsed, _room: room, _leave: leave })
    }

    /// Output, and the offset after it.
    pub(super) fn write(&self, bytes: &[u8], until: u64) {
        // A copy: xterm.js reads it later, when this memory already holds something else.
        self.mounted.write(Uint8Array::from(bytes), from_offset(until));
    }

    /// Forgets everything.
    pub(super) fn reset(&self) {
        self.mounted.reset();
    }

    /// Changes the size after what was written before.
    pub(super) fn resize(&self, size: TerminalSize) {
        self.mounted.resize(size.cols, size.rows);
    }

    /// The size that the window has room for, once it is laid out.
    pub(super) fn room(&self) -> Option<TerminalSize> {
        match self.mounted.propose_size()?.as_slice() {
            &[cols, rows] => Some(TerminalSize { cols, rows }),
            _ => None,
        }
    }

    /// From now on keys go to the program.
    pub(super) fn focus(&self) {
        self.mounted.focus();
    }

    /// The rows of the screen.
    pub(super) fn text(&self) -> String {
        self.mounted.text()
    }

    /// Whether the program wants arrow keys in their application form.
    pub(super) fn application_cursor(&self) -> bool {
        self.mounted.application_cursor()
    }

    /// Types a text as a paste.
    pub(super) fn paste(&self, text: &str) {
        self.mounted.paste(text);
    }

    /// Whether focusing the terminal opens a touch device's keyboard.
    pub(super) fn set_keyboard(&self, open: bool) {
        self.mounted.set_keyboard(open);
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.mounted.dispose();
    }
}

// JavaScript counts exactly up to 2^53: enough for 9 petabytes of output.
#[expect(clippy::cast_precision_loss, reason = "see above")]
fn from_offset(offset: u64) -> f64 {
    offset as f64
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "see above")]
fn to_offset(number: f64) -> u64 {
    number as u64
}
