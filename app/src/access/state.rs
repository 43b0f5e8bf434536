//! What the access page knows.

use leptos::prelude::*;
use protocol::access::devices::{DeviceList, Reach};
use protocol::access::pairing::{Pairing, PairingList, PairingState};
use protocol::access::tokens::Token;
use protocol::error::ApiError;
use protocol::events::Topic;

use crate::api::access as api;
use crate::loaded::Loaded;
use crate::seed::{AccessData, FirstData, PageData};
use crate::socket::use_socket;

/// Pairings that are open or just ended. Known only while the access page is open, which follows
/// them over the socket.
#[derive(Clone, Copy)]
pub(crate) struct PairingsState(RwSignal<PairingList>);

impl PairingsState {
    /// Provides the state to every component below.
    pub(crate) fn provide() -> Self {
        let state = Self(RwSignal::new(PairingList::default()));
        provide_context(state);
        state
    }

    /// All of them as they are now.
    pub(crate) fn apply(self, list: PairingList) {
        // A revision counts within one run of the server, so only equality is telling.
        self.0.maybe_update(|known| {
            let changed = *known != list;
            *known = list;
            changed
        });
    }

    /// Reads the list; tracks changes.
    pub(super) fn with<T>(self, read: impl FnOnce(&[Pairing]) -> T) -> T {
        self.0.with(|list| read(&list.pairings))
    }

    /// How far the pairing with this id is; nothing while it is not known. Tracks changes.
    pub(super) fn state_of(self, id: &str) -> Option<PairingState> {
        self.with(|all| all.iter().find(|one| one.id == id).map(|one| one.state.clone()))
    }

    /// Ids of the devices' pairings that ended well; tracks changes.
    fn confirmed(self) -> Vec<String> {
        self.with(|all| {
            let confirmed = all.iter().filter(|one| one.state == PairingState::Confirmed);
            confirmed.map(|one| one.id.clone()).collect()
        })
    }
}

/// State of the page; a copy of handles.
#[derive(Clone, Copy)]
pub(super) struct AccessState {
    pub(super) devices: Loaded<DeviceList>,
    pub(super) tokens: Loaded<Vec<Token>>,
    pub(super) reach: Loaded<Reach>,
    pub(super) pairings: PairingsState,
}

impl AccessState {
    /// Takes what came with the page, loads the rest, and follows pairings while the page is open.
    pub(super) fn new() -> Self {
        let first = FirstData::take(|data| match data {
            PageData::Access(data) => Ok(data),
            other => Err(other),
        });
        let (devices, tokens, reach, first) = match first.map(|data| *data) {
            Some(AccessData { devices, tokens, reach, pairings }) => {
                (Some(devices), Some(tokens), Some(reach), Some(pairings))
            }
            None => (None, None, None, None),
        };
        let pairings: PairingsState = expect_context();
        follow(pairings, first);
        Self {
            // A device that was just let in is in the list.
            devices: Loaded::new(devices, move || pairings.confirmed(), |_| api::devices()),
            tokens: Loaded::new(tokens, || (), |()| api::tokens()),
            reach: Loaded::new(reach, || (), |()| api::find_reach()),
            pairings,
        }
    }
}

/// Starts with what came with the page, or asks; the socket knows better from then on.
fn follow(pairings: PairingsState, first: Option<Result<PairingList, ApiError>>) {
    if let Some(Ok(list)) = &first {
        pairings.apply(list.clone());
    }
    let asked = Loaded::new(first, || (), |()| api::pairings());
    Effect::new(move |before: Option<()>| {
        if let Some(Ok(list)) = asked.get().filter(|_| before.is_none()) {
            pairings.apply(list);
        }
    });
    use_socket().follow(Topic::Pairings);
    on_cleanup(move || {
        // The whole app may be what goes.
        pairings.0.try_set(PairingList::default());
    });
}
