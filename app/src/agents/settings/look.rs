//! Emoji and colour, with the avatar that they make.

use leptos::prelude::*;
use protocol::agents::{Agent, Colour};

use crate::ui::{Avatar, AvatarSize, TextField, hue_of_colour};

fn word(colour: Colour) -> &'static str {
    match colour {
        Colour::Group => "Its group's",
        Colour::Cyan => "Cyan",
        Colour::Rose => "Rose",
        Colour::Amber => "Amber",
        Colour::Green => "Green",
        Colour::Purple => "Purple",
        Colour::Violet => "Violet",
        Colour::Lime => "Lime",
        Colour::Teal => "Teal",
    }
}

/// The fields, beside a preview.
#[component]
pub(super) fn LookFields(
    agent: Memo<Agent>,
    /// What stands in the form.
    name: RwSignal<String>,
    avatar: RwSignal<String>,
    colour: RwSignal<Colour>,
    /// What is wrong with the emoji.
    error: Signal<Option<String>>,
) -> impl IntoView {
    let preview = Memo::new(move |_| {
        let mut agent: Agent = agent.get();
        agent.settings.name = name.get();
        avatar.with(|avatar| avatar.trim().clone_into(&mut agent.settings.avatar));
        agent.settings.colour = colour.get();
        agent
    });
    view! {
        <div class="look">
            <Avatar agent=preview size=AvatarSize::Header/>
            <TextField
                id="settings-avatar"
                label="Avatar"
                value=avatar
                error
                hint="One emoji; without one it is drawn from the agent's id."
            />
            <Swatches colour name="settings-colour"/>
        </div>
    }
    .into_any()
}

/// The colours to choose from.
#[component]
pub(in crate::agents) fn Swatches(
    #[prop(name = "colour")] chosen: RwSignal<Colour>,
    /// Name of the group of radio buttons, unique on the page.
    name: &'static str,
) -> impl IntoView {
    let swatch = move |colour: Colour| {
        let style = hue_of_colour(colour).map(|hue| format!("--h:{hue}"));
        view! {
            <label class="swatch" title=word(colour)>
                <input
                    type="radio"
                    name=name
                    value=colour.name()
                    checked=chosen.get_untracked() == colour
                    prop:checked=move || chosen.get() == colour
                    on:change=move |_| chosen.set(colour)
                />
                <i class="swatch-face" class:is-auto=colour == Colour::Group style=style></i>
                <span class:vh=colour != Colour::Group>{word(colour)}</span>
            </label>
        }
    };
    view! {
        <fieldset class="swatches">
            <legend class="form-label">"Colour"</legend>
            <div class="swatch-row">{Colour::ALL.map(swatch)}</div>
        </fieldset>
    }
    .into_any()
}
