//! The dialog that makes a token and shows its secret, this once.

use leptos::prelude::*;
use protocol::access::Role;
use protocol::access::tokens::{CreateToken, NewToken};
use protocol::error::ApiError;

use crate::access::RoleField;
use crate::access::state::AccessState;
use crate::api::access as api;
use crate::reauth::use_reauth;
use crate::ui::{Button, CopyButton, Dialog, TextField, Tone, focus};

const NAME: &str = "token-name";
const DAYS: &str = "token-days";
/// What a script may be.
const ROLES: [Role; 2] = [Role::Viewer, Role::Operator];
/// Days that stand in the field at first.
const USUAL_DAYS: &str = "90";

/// The days that were typed: a number, or none for a token that stays.
fn days_of(text: &str) -> Result<Option<u32>, ApiError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().ok().filter(|days| (1..=3650).contains(days)).map(Some).ok_or_else(|| {
        ApiError::invalid("days", "Type a number from 1 to 3650, or leave it empty.")
    })
}

/// What a person types.
#[derive(Clone, Copy)]
struct Draft {
    name: RwSignal<String>,
    role: RwSignal<Role>,
    days: RwSignal<String>,
}

impl Draft {
    fn read(self) -> Result<CreateToken, ApiError> {
        let days = self.days.with_untracked(|days| days_of(days))?;
        let name = self.name.get_untracked().trim().to_owned();
        Ok(CreateToken { name, role: self.role.get_untracked(), days })
    }

    fn clear(self) {
        self.name.set(String::new());
        self.role.set(Role::Viewer);
        self.days.set(USUAL_DAYS.to_owned());
    }
}

/// Asks for name, role and days, then shows the secret as long as the dialog is open.
#[component]
pub(super) fn CreateTokenDialog(access: AccessState, open: RwSignal<bool>) -> impl IntoView {
    let reauth = use_reauth();
    let draft = Draft {
        name: RwSignal::new(String::new()),
        role: RwSignal::new(Role::Viewer),
        days: RwSignal::new(USUAL_DAYS.to_owned()),
    };
    let made = RwSignal::new(None::<NewToken>);
    let refusal = RwSignal::new(None::<ApiError>);
    Effect::new(move |_| {
        // Opened or closed: the secret of the last one is not kept.
        open.track();
        made.set(None);
        refusal.set(None);
        draft.clear();
    });
    let refuse = move |error: ApiError| {
        focus(if error.field.as_deref() == Some("days") { DAYS } else { NAME });
        refusal.try_set(Some(error));
    };
    let create = Action::new(move |new: &CreateToken| {
        let new = new.clone();
        async move {
            match reauth.with(|| api::make_token(new.clone())).await {
                Ok(new) => {
                    let token = new.token.clone();
                    access.tokens.update(|tokens| tokens.insert(0, token));
                    made.try_set(Some(new));
                    focus("token-title");
                }
                Err(error) => refuse(error.0),
            }
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if create.pending().get_untracked() {
            return;
        }
        match draft.read() {
            Ok(new) => {
                refusal.set(None);
                create.dispatch(new);
            }
            Err(error) => refuse(error),
        }
    };
    let error = move |days: bool| {
        Signal::derive(move || {
            refusal.with(|error| {
                let error = error.as_ref()?;
                let about_days = error.field.as_deref() == Some("days");
                (about_days == days).then(|| error.message.clone())
            })
        })
    };
    let waiting = Memo::new(move |_| made.with(Option::is_none));
    let title = move || if waiting.get() { "New token for a script" } else { "The token is made" };
    let origin = Memo::new(move |_| access.reach.with(|reach| reach.loopback.clone()));
    view! {
        <Dialog open title_id="token-title">
            <form class="form" novalidate on:submit=submit>
                <h2 id="token-title" tabindex="-1">{title}</h2>
                <Show when=move || waiting.get()>
                    <TextField
                        id=NAME
                        label="Name"
                        value=draft.name
                        error=error(false)
                        hint="What the script is called, such as ci."
                        required=true
                    />
                    <RoleField id="token-role" value=draft.role roles=&ROLES/>
                    <TextField
                        id=DAYS
                        label="Days until it expires"
                        value=draft.days
                        error=error(true)
                        hint="1 to 3650. Left empty, it never expires."
                    />
                </Show>
                {move || made.get().map(|new| view! { <Secret new origin=origin.get()/> })}
                <div class="row dialog-acts">
                    <Show when=move || waiting.get()>
                        <Button tone=Tone::Quiet on:click=move |_| open.set(false)>"Cancel"</Button>
                        <Button tone=Tone::Primary submit=true busy=create.pending()>"Make token"</Button>
                    </Show>
                    <Show when=move || !waiting.get()>
                        <Button on:click=move |_| open.set(false)>"Done"</Button>
                    </Show>
                </div>
            </form>
        </Dialog>
    }
    .into_any()
}

/// The secret, and how it is used.
#[component]
fn Secret(new: NewToken, origin: Option<String>) -> impl IntoView {
    let NewToken { token, secret } = new;
    let command = origin
        .map(|origin| format!("curl -H 'Authorization: Bearer {secret}' {origin}/api/agents"));
    let copied = secret.clone();
    view! {
        <p>
            "This is the secret of " <b class="strong">{token.name}</b>
            ". It is shown this once: keep it where only the script reads it."
        </p>
        <div class="copy-row">
            <code class="code">{secret}</code>
            <CopyButton text=Signal::stored(copied) label="Copy token"/>
        </div>
        {command.map(|command| {
            let copied = command.clone();
            view! {
                <p class="muted">"On this machine it is used like this:"</p>
                <div class="copy-row">
                    <code class="code">{command}</code>
                    <CopyButton text=Signal::stored(copied) label="Copy command"/>
                </div>
            }
        })}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_a_number_or_nothing() {
        assert_eq!(days_of(" 90 "), Ok(Some(90)));
        assert_eq!(days_of(""), Ok(None));
        for wrong in ["0", "3651", "-1", "ten", "1.5"] {
            let error = days_of(wrong).unwrap_err();
            assert_eq!(error.field.as_deref(), Some("days"), "{wrong}");
        }
    }
}
