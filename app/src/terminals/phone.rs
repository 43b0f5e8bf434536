//! What a phone has instead of a keyboard: a bar of keys, and a field to write in. Everybody gets
//! the markup, small windows show it.

use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::html::Textarea;
use leptos::prelude::*;
use protocol::message::SizeChange;

use super::LiveTerminal;
use super::keys::{Key, control_character};
use super::state::TerminalState;
use crate::socket::use_connection;
use crate::ui::{Icon, IconView};

/// Face, name for screen readers, key.
type Keys = &'static [(&'static str, &'static str, Key)];

const BEFORE_CONTROL: Keys = &[
    ("Esc", "Escape", Key::Escape),
    ("Tab", "Tab", Key::Tab),
    ("⇧ Tab", "Shift Tab", Key::BackTab),
];
const AFTER_CONTROL: Keys = &[
    ("|", "Pipe", Key::Character('|')),
    ("/", "Slash", Key::Character('/')),
    ("←", "Left", Key::Left),
    ("↓", "Down", Key::Down),
    ("↑", "Up", Key::Up),
    ("→", "Right", Key::Right),
    ("Enter", "Enter", Key::Enter),
];

/// Key bar and composer.
#[component]
pub(super) fn PhoneControls(terminal: LiveTerminal, state: TerminalState) -> impl IntoView {
    let keyboard = RwSignal::new(false);
    let toggle_keyboard = move |_| {
        keyboard.update(|open| *open = !*open);
        terminal.set_keyboard(keyboard.get_untracked());
    };
    let keys = move |keys: Keys| {
        keys.iter()
            .map(|&(face, label, key)| view! { <BarKey terminal face label key/> })
            .collect_view()
    };
    let size = move || {
        state.size.get().map(|SizeChange { size, driver }| {
            let by = if driver { "" } else { ", not resized by this phone" };
            format!("{} × {}{by}", size.cols, size.rows)
        })
    };
    view! {
        <div class="term-phone">
            <p class="size-bar meta num">{size}</p>
            // A key takes no focus: that would close the keyboard, or open it.
            <div
                class="keybar"
                role="group"
                aria-label="Terminal keys"
                on:mousedown=|event| event.prevent_default()
            >
                {keys(BEFORE_CONTROL)}
                <button
                    type="button"
                    class="key"
                    aria-pressed=move || state.control.get().to_string()
                    on:click=move |_| state.control.update(|armed| *armed = !*armed)
                >
                    "Ctrl"
                    <small>{move || state.control.get().then_some("once")}</small>
                </button>
                {keys(AFTER_CONTROL)}
                <button
                    type="button"
                    class="key"
                    aria-label="Keyboard"
                    aria-pressed=move || keyboard.get().to_string()
                    on:click=toggle_keyboard
                >
                    <IconView icon=Icon::Keyboard class="ico sm"/>
                </button>
            </div>
            <Composer terminal state/>
        </div>
    }
}

#[component]
fn BarKey(
    terminal: LiveTerminal,
    face: &'static str,
    label: &'static str,
    key: Key,
) -> impl IntoView {
    view! {
        <button type="button" class="key" aria-label=label on:click=move |_| terminal.press(key)>
            {face}
        </button>
    }
}

/// A real text field: autocorrection works in it, and nothing arrives twice.
#[component]
fn Composer(terminal: LiveTerminal, state: TerminalState) -> impl IntoView {
    let connection = use_connection();
    let field = NodeRef::<Textarea>::new();
    let closed = move || !connection.get().is_live() || state.ended.get();
    let send = move || {
        if let Some(field) = field.get_untracked()
            && terminal.send_line(&field.value())
        {
            field.set_value("");
        }
    };
    let on_input = move |_| {
        let Some(field) = field.get_untracked() else { return };
        // With Ctrl armed, a letter is a key and not the start of a message.
        if let (true, Some(letter)) = (state.control.get_untracked(), only_letter(&field.value())) {
            terminal.press(Key::Character(letter));
            field.set_value("");
        }
    };
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        send();
    };
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Enter" && !event.shift_key() && !event.is_composing() {
            event.prevent_default();
            send();
        }
    };
    view! {
        <form class="m-composer" on:submit=on_submit>
            <textarea
                class="field"
                node_ref=field
                rows="1"
                aria-label="Message or command"
                placeholder="Message or command"
                on:input=on_input
                on:keydown=on_key
            ></textarea>
            <button
                type="submit"
                class="btn is-primary is-icon"
                aria-label="Send and press Enter"
                disabled=closed
            >
                <IconView icon=Icon::SendHorizontal/>
            </button>
        </form>
    }
}

/// The text, if it is one character that goes together with Ctrl.
fn only_letter(text: &str) -> Option<char> {
    let mut characters = text.chars();
    let letter = characters.next()?;
    control_character(letter).filter(|_| characters.next().is_none())?;
    Some(letter)
}
