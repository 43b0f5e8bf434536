//! Devices and tokens while others change them, while the disk takes no writes, and after a
//! restore.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use domain::throttle::Kind;
use protocol::access::devices::{Entrance, NewLink, Reach, Reauthenticate, RenameDevice, SetRole};
use protocol::access::pairing::PairingState;
use protocol::access::tokens::CreateToken;
use protocol::access::{Caller, Role};
use protocol::error::{ApiError, ErrorCode};
use protocol::logins::LoginLink;
use protocol::ports::AccessPort as _;
use protocol::terminals::TerminalId;
use store::Store;
use store::tampering::{refuse_writes, take_writes};
use tempfile::TempDir;
use tokio::time::{Duration, timeout};

use super::gatekeeper::Gatekeeper;
use super::logins::{Arrival, Logins, NewLogin};
use super::pairings::Pairings;
use super::service::{Access, Parts};
use super::tokens::Tokens;
use crate::audit::Trail;
use crate::clock::now_ms;
use crate::health::Health;
use crate::home::Home;

/// Nothing here takes this long unless it hangs.
const PATIENCE: Duration = Duration::from_secs(20);
const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

struct Place {
    folder: TempDir,
    store: Store,
    access: Arc<Access>,
}

impl Place {
    async fn new() -> Self {
        Self::at(tempfile::tempdir().unwrap()).await
    }

    async fn at(folder: TempDir) -> Self {
        let home = Home::at(folder.path().to_owned()).unwrap();
        let store = Store::open(&home.database()).await.unwrap().store;
        store.instance().id_or("abcd2345").await.unwrap();
        let (trail, _writer) =
            Trail::start(store.clone(), &home, "abcd2345", None, Arc::new(Health::default()))
                .unwrap();
        let parts = Parts {
            logins: Logins::load(store.clone(), "abcd2345", "http://127.0.0.1:1".into())
                .await
                .unwrap(),
            tokens: Arc::new(Tokens::load(store.clone(), folder.path()).await.unwrap()),
            gatekeeper: Gatekeeper::load(store.clone()).await.unwrap(),
            pairings: Pairings::new("abcd2345"),
            trail,
            reach: Box::new(Reach::default),
        };
        Self { folder, access: Arc::new(Access::new(parts, "command line")), store }
    }

    /// The same folder after a restart.
    async fn again(self) -> Self {
        self.access.trail.close();
        self.store.close().await;
        Self::at(self.folder).await
    }

    async fn device(&self, role: Role) -> NewLogin {
        let link = self.access.logins.create_link(role).await.unwrap();
        self.redeem(&link).await.unwrap()
    }

    async fn redeem(&self, link: &LoginLink) -> Result<NewLogin, ApiError> {
        self.access.redeem(token(link), "Firefox", HERE).await
    }

    fn is_in(&self, device: &NewLogin) -> bool {
        self.access.logins.by_cookie(&device.cookie_token).is_some()
    }

    fn is_fresh(&self, device: &NewLogin) -> bool {
        self.access.logins.by_id(&device.id).unwrap().times.is_fresh(now_ms())
    }

    async fn confirm(&self, device: &NewLogin, link: &LoginLink) -> Result<(), ApiError> {
        let with = Reauthenticate { token: token(link).to_owned() };
        self.access.reauthenticate(&caller(device), with).await
    }

    async fn link_of(&self, device: &NewLogin) -> LoginLink {
        let new = NewLink { role: Some(Role::Owner) };
        self.access.create_link(&caller(device), new).await.unwrap()
    }
}

fn caller(device: &NewLogin) -> Caller {
    Caller { id: Some(device.id.clone()), role: device.role }
}

fn token(link: &LoginLink) -> &str {
    link.url.split("#t=").nth(1).unwrap()
}

fn terminal(number: u16) -> TerminalId {
    TerminalId { agent: "01arz3ndektsv4rrffq69g5fav".parse().unwrap(), number }
}

fn new_token(name: &str) -> CreateToken {
    CreateToken { name: name.into(), role: Role::Viewer, days: None }
}

#[tokio::test]
async fn whoever_is_revoked_is_out_at_once_though_the_disk_takes_nothing() {
    let place = Place::new().await;
    let access = &place.access;
    let owner = place.device(Role::Owner).await;
    let phone = place.device(Role::Owner).await;
    let link = place.link_of(&phone).await;
    let script = access.create_token(new_token("backup")).await.unwrap();
    let file = access.tokens.open_session(&terminal(0)).await.unwrap();
    let session = std::fs::read_to_string(file).unwrap();
    assert!(access.tokens.session(&session).is_some());
    let mut told = access.changes();

    refuse_writes(&place.store).await.unwrap();
    let device = access.revoke_device(&phone.id).await.unwrap_err();
    let token = access.revoke_token(&script.token.id).await.unwrap_err();
    access.tokens.close_session(&terminal(0)).await;
    for refusal in [device, token] {
        assert_eq!(refusal.code, ErrorCode::Unavailable);
        assert_eq!(
            refusal.message,
            "It is out now. The disk did not take it, so it must be revoked again after a restart."
        );
    }
    assert!(!place.is_in(&phone));
    assert!(access.tokens.script(&script.secret).is_none());
    assert!(access.tokens.session(&session).is_none());
    assert_eq!(told.try_recv().unwrap(), phone.id, "its sockets close");
    assert_eq!(told.try_recv().unwrap(), script.token.id);
    let by_link = place.redeem(&link).await.err().unwrap();
    assert_eq!(by_link.code, ErrorCode::Unauthenticated, "its link is over too");
    assert_eq!(place.store.logins().all().await.unwrap().len(), 2, "the disk has it still");

    // With the next change the disk hears of it again.
    take_writes(&place.store).await.unwrap();
    let name = RenameDevice { name: "laptop".into() };
    access.rename_device(&owner.id, name).await.unwrap();
    access.create_token(new_token("backup")).await.unwrap();
    access.tokens.open_session(&terminal(1)).await.unwrap();
    let place = place.again().await;
    assert!(place.is_in(&owner) && !place.is_in(&phone));
    assert!(place.access.tokens.script(&script.secret).is_none());
    assert!(place.access.tokens.session(&session).is_none());
    assert!(place.redeem(&link).await.is_err());
}

#[tokio::test]
async fn the_disk_hears_of_it_again_by_itself() {
    let place = Place::new().await;
    let phone = place.device(Role::Viewer).await;
    refuse_writes(&place.store).await.unwrap();
    place.access.revoke_device(&phone.id).await.unwrap_err();
    take_writes(&place.store).await.unwrap();
    let gone = async {
        while !place.store.logins().all().await.unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    let waited = timeout(PATIENCE, async {
        tokio::select! {
            () = place.access.keep_records() => {}
            () = gone => {}
        }
    });
    waited.await.unwrap();
}

#[tokio::test]
async fn a_session_that_begins_anew_is_not_ended_by_what_the_disk_did_not_take() {
    let place = Place::new().await;
    let tokens = &place.access.tokens;
    tokens.open_session(&terminal(0)).await.unwrap();
    refuse_writes(&place.store).await.unwrap();
    tokens.close_session(&terminal(0)).await;
    take_writes(&place.store).await.unwrap();
    let file = tokens.open_session(&terminal(0)).await.unwrap();
    let secret = std::fs::read_to_string(file).unwrap();
    tokens.open_session(&terminal(1)).await.unwrap();
    let place = place.again().await;
    assert_eq!(place.access.tokens.session(&secret), Some(terminal(0)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_change_that_is_under_way_brings_a_revoked_device_back() {
    let place = Place::new().await;
    let owner = place.device(Role::Owner).await;
    for round in 0..200 {
        let phone = place.device(Role::Viewer).await;
        let link = place.link_of(&owner).await;
        let (access, id) = (Arc::clone(&place.access), phone.id.clone());
        let change = tokio::spawn(async move {
            match round % 3 {
                0 => access.rename_device(&id, RenameDevice { name: "x".into() }).await.map(drop),
                1 => access.set_role(&id, SetRole { role: Role::Operator }).await.map(drop),
                _ => access.logins.refresh(&id, token(&link)).await,
            }
        });
        let (access, id) = (Arc::clone(&place.access), phone.id.clone());
        let revoke = tokio::spawn(async move {
            for _ in 0..round % 7 {
                tokio::task::yield_now().await;
            }
            access.revoke_device(&id).await
        });
        let (changed, revoked) = tokio::join!(change, revoke);
        revoked.unwrap().unwrap();
        if let Err(late) = changed.unwrap() {
            assert_eq!(late.code, ErrorCode::NotFound, "{late}");
        }
        assert!(!place.is_in(&phone), "round {round}");
        assert!(place.access.logins.by_id(&phone.id).is_none(), "round {round}");
    }
    assert_eq!(place.store.logins().all().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_device_does_not_confirm_itself() {
    let place = Place::new().await;
    let one = place.device(Role::Owner).await;
    let other = place.device(Role::Owner).await;
    let own = place.link_of(&one).await;
    let refusal = place.confirm(&one, &own).await.unwrap_err();
    assert_eq!(refusal.code, ErrorCode::Forbidden);
    assert_eq!(refusal.message, "Use a link that `maestro login-link` makes on this machine.");
    // It was not used up, and is good for what it was made for.
    place.confirm(&other, &own).await.unwrap();
    assert!(place.confirm(&other, &own).await.is_err());
    let by_command_line = place.access.logins.create_link(Role::Owner).await.unwrap();
    place.confirm(&one, &by_command_line).await.unwrap();
}

#[tokio::test]
async fn what_a_device_began_ends_with_it_or_with_what_it_may_do() {
    for revoked in [true, false] {
        let place = Place::new().await;
        let access = &place.access;
        let owner = place.device(Role::Owner).await;
        let lost = place.device(Role::Owner).await;
        let links = [place.link_of(&lost).await, place.link_of(&lost).await];
        let good = place.link_of(&owner).await;
        access.pairings.offer(&caller(&owner), "http://127.0.0.1:1").unwrap();
        access.pairings.offer(&caller(&lost), "http://127.0.0.1:1").unwrap();
        if revoked {
            access.revoke_device(&lost.id).await.unwrap();
        } else {
            access.set_role(&lost.id, SetRole { role: Role::Operator }).await.unwrap();
        }
        assert!(place.redeem(&links[0]).await.is_err());
        assert!(place.confirm(&owner, &links[1]).await.is_err());
        place.redeem(&good).await.unwrap();
        let states: Vec<PairingState> =
            access.pairings.list().pairings.into_iter().map(|pairing| pairing.state).collect();
        let open = states.iter().filter(|state| matches!(state, PairingState::Open { .. })).count();
        assert_eq!((states.len(), open), (2, 1), "{states:?}");
        let late = access.create_link(&caller(&lost), NewLink::default()).await;
        assert_eq!(late.is_err(), revoked);
    }
}

#[tokio::test]
async fn only_who_logged_in_is_fresh() {
    let place = Place::new().await;
    place.device(Role::Owner).await;
    let from = Arrival { user_agent: "Safari", address: "192.0.2.7" };
    let admit = place.access.logins.admit("phone".into(), Role::Owner, Entrance::Paired, from);
    let paired = admit.await.unwrap();
    assert!(!place.is_fresh(&paired));
    let promoted = place.device(Role::Viewer).await;
    assert!(place.is_fresh(&promoted));
    place.access.set_role(&promoted.id, SetRole { role: Role::Owner }).await.unwrap();
    assert!(!place.is_fresh(&promoted));
    let link = place.access.logins.create_link(Role::Owner).await.unwrap();
    place.confirm(&paired, &link).await.unwrap();
    assert!(place.is_fresh(&paired));
}

#[tokio::test]
async fn a_session_that_runs_has_its_token_back_when_the_database_forgot_it() {
    let place = Place::new().await;
    let tokens = &place.access.tokens;
    let read = |file| std::fs::read_to_string(file).unwrap();
    let runs = read(tokens.open_session(&terminal(0)).await.unwrap());
    let ended = read(tokens.open_session(&terminal(1)).await.unwrap());
    // As a restore does.
    place.store.session_tokens().keep_only(&[]).await.unwrap();
    let place = place.again().await;
    let tokens = &place.access.tokens;
    assert_eq!(tokens.session(&runs), None);
    tokens.keep_sessions(&[terminal(0), terminal(2)]).await.unwrap();
    assert_eq!(tokens.session(&runs), Some(terminal(0)));
    assert_eq!(tokens.session(&ended), None);
    assert_eq!(place.store.session_tokens().all().await.unwrap().len(), 1);
}

#[tokio::test]
async fn counts_that_the_disk_did_not_take_are_written_later() {
    let place = Place::new().await;
    let keeper = &place.access.gatekeeper;
    keeper.wrong(Kind::Bearer, HERE).unwrap();
    refuse_writes(&place.store).await.unwrap();
    assert!(!keeper.flush().await);
    take_writes(&place.store).await.unwrap();
    assert!(keeper.flush().await);
    assert_eq!(place.store.throttle().load_all().await.unwrap().len(), 2);
}

#[tokio::test]
async fn wrong_tokens_keep_nobody_from_logging_in_or_pairing() {
    let place = Place::new().await;
    let keeper = &place.access.gatekeeper;
    while keeper.wrong(Kind::Bearer, HERE).is_ok() {}
    keeper.wrong(Kind::Login, HERE).unwrap();
    keeper.reserve("pairing", HERE).unwrap();
}
