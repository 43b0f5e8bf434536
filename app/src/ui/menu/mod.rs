//! A menu behind a button: the native popover closes it on Escape and on a click elsewhere and
//! gives the focus back; arrows, Home and End move inside it (ARIA menu button pattern). On a
//! phone it is a sheet at the lower edge.

#[cfg(not(feature = "ssr"))]
mod browser;
#[cfg(feature = "ssr")]
mod server;
#[cfg(any(not(feature = "ssr"), test))]
mod steps;

use leptos::attr::custom::custom_attribute;
use leptos::html;
use leptos::prelude::*;

#[cfg(not(feature = "ssr"))]
use browser::{close, is_open, open, place, place_at, step};
#[cfg(feature = "ssr")]
use server::{close, is_open, open, place, place_at, step};

use super::{Icon, IconView};

/// A quiet button with an icon that opens a menu of [`MenuItem`]s. Dialogs that an entry opens
/// stand outside of it.
#[component]
pub fn Menu(
    /// Element id of the menu, unique on the page.
    #[prop(into)]
    id: String,
    /// Accessible name of the button and of the menu.
    #[prop(into)]
    label: Signal<String>,
    /// The button's icon.
    #[prop(default = Icon::Ellipsis)]
    icon: Icon,
    /// [`MenuItem`]s and [`MenuSeparator`]s.
    children: Children,
) -> impl IntoView {
    let button = NodeRef::<html::Button>::new();
    let menu = NodeRef::<html::Div>::new();
    let expanded = RwSignal::new(false);
    let on_button_key = move |event: leptos::ev::KeyboardEvent| {
        if matches!(event.key().as_str(), "ArrowDown" | "ArrowUp") {
            event.prevent_default();
            place(button, menu);
            open(menu);
        }
    };
    view! {
        <button
            type="button"
            class="btn is-quiet is-icon needs-js"
            node_ref=button
            aria-label=move || label.get()
            title=move || label.get()
            aria-haspopup="menu"
            aria-expanded=move || expanded.get().to_string()
            popovertarget=id.clone()
            on:click=move |_| place(button, menu)
            on:keydown=on_button_key
        >
            <IconView icon/>
        </button>
        <MenuBox id label menu expanded>{children()}</MenuBox>
    }
    .into_any()
}

/// A menu without a button of its own, for rows that share one. It opens whenever `at` is set: at
/// the element with that id.
#[component]
pub fn SharedMenu(
    /// Element id of the menu, unique on the page.
    #[prop(into)]
    id: String,
    /// Accessible name of the menu.
    #[prop(into)]
    label: Signal<String>,
    /// Where it opens.
    #[prop(into)]
    at: Signal<Option<String>>,
    /// [`MenuItem`]s and [`MenuSeparator`]s.
    children: Children,
) -> impl IntoView {
    let menu = NodeRef::<html::Div>::new();
    let expanded = RwSignal::new(false);
    Effect::new(move |_| {
        if let Some(element) = at.get() {
            place_at(&element, menu);
            open(menu);
        }
    });
    view! { <MenuBox id label menu expanded>{children()}</MenuBox> }.into_any()
}

#[component]
fn MenuBox(
    id: String,
    label: Signal<String>,
    menu: NodeRef<html::Div>,
    expanded: RwSignal<bool>,
    children: Children,
) -> impl IntoView {
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Tab" {
            close(menu);
        } else if step(menu, &event.key()) {
            event.prevent_default();
        }
    };
    let on_toggle = move |_| {
        let now = is_open(menu);
        expanded.set(now);
        if now {
            step(menu, "Home");
        }
    };
    view! {
        <div
            id=id
            class="menu"
            popover="auto"
            role="menu"
            node_ref=menu
            aria-label=move || label.get()
            on:toggle=on_toggle
            on:keydown=on_key
            // Before the entry acts: a dialog that it opens gives the focus back to the button.
            on:click:capture=move |_| close(menu)
        >
            {children()}
        </div>
    }
    .into_any()
}

/// One entry. What it does is its `on:click`; the menu closes by itself.
#[component]
pub fn MenuItem(
    /// Drawn before the words.
    icon: Icon,
    /// Makes it a switch that is on or off.
    #[prop(optional, into)]
    checked: Option<Signal<bool>>,
    /// The words.
    children: Children,
) -> impl IntoView {
    let role = if checked.is_some() { "menuitemcheckbox" } else { "menuitem" };
    let mark = checked.map(|checked| {
        move || checked.get().then(|| view! { <IconView icon=Icon::Check class="ico sm push"/> })
    });
    view! {
        <button
            type="button"
            class="menu-item"
            role=role
            tabindex="-1"
            {..custom_attribute("aria-checked", checked.map(|checked| move || checked.get().to_string()))}
        >
            <IconView icon class="ico sm"/>
            <span>{children()}</span>
            {mark}
        </button>
    }
    .into_any()
}

/// A line between groups of entries.
#[component]
pub fn MenuSeparator() -> impl IntoView {
    view! { <hr class="menu-line" role="separator"/> }.into_any()
}
