//! Puts the parts together, serves, and takes them apart again.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use app::ports::Ports;
use leptos::prelude::LeptosOptions;
use protocol::access::Role;
use protocol::access::devices::Reach;
use protocol::error::ApiError;
use protocol::host::HostFacts;
use protocol::host::ProblemKind;
use protocol::logins::LoginLink;
use protocol::ports::AccessPort;
use store::{Opened, Store};
use tmux::{Tmux, TmuxConfig, TmuxEvent};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, watch};
use tokio::task::{AbortHandle, JoinHandle};
use tokio::time::timeout;

use crate::access::gatekeeper::Gatekeeper;
use crate::access::logins::Logins;
use crate::access::pairings::Pairings;
use crate::access::service::{Access, Parts};
use crate::access::tokens::Tokens;
use crate::agents::{Agents, Folders, Programs};
use crate::audit::{KeyError, NewEntry, Trail};
use crate::backups::Backups;
use crate::boot::boot_id;
use crate::closing::stops;
use crate::command::complain;
use crate::config::{self, Settings};
use crate::events::AgentsTopic;
use crate::health::Health;
use crate::home::{Home, HomeError, HomeLock};
use crate::host::{Host, machine_name};
use crate::http::listen::{self, Attendant, Beyond, BeyondError, Door, Slots};
use crate::http::{self, AppState, Inventory, assets};
use crate::metrics::{Metrics, Readings};
use crate::terminals::Hub;
use crate::ws::Sockets;
use crate::{logging, platform, secrets, tls};

/// How long open requests may finish when the server stops.
const GRACE: Duration = Duration::from_secs(5);
/// How long sockets may take to say goodbye after that.
const GOODBYE: Duration = Duration::from_secs(1);

/// What people are told when the store found a torn last write.
const LOST_WRITE: &str = "The last change before Maestro ended was not written completely and \
    is missing. Look at what you did last and do it again; everything before it is there.";

/// Why the server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data folder.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// A setting.
    #[error(transparent)]
    Config(#[from] config::ConfigError),
    /// The database.
    #[error(transparent)]
    Store(#[from] store::StoreError),
    /// The address.
    #[error("{0}")]
    Port(String),
    /// The way for other devices, which would not be safe or is not there.
    #[error("{0}")]
    Beyond(String),
    /// tmux.
    #[error(transparent)]
    Tmux(#[from] tmux::TmuxError),
    /// The key of the audit trail.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Something a client could also see.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// The operating system.
    #[error("Maestro cannot start: {0}. Run `maestro doctor`.")]
    System(#[from] io::Error),
}

impl StartError {
    fn exit_code(&self) -> u8 {
        match self {
            Self::Config(_) | Self::Beyond(_) => 2,
            Self::Home(HomeError::Locked(_)) | Self::Port(_) => 6,
            Self::Tmux(_) => 8,
            _ => 1,
        }
    }
}

impl From<listen::PortError> for StartError {
    fn from(error: listen::PortError) -> Self {
        Self::Port(error.to_string())
    }
}

impl From<listen::ListenError> for StartError {
    fn from(error: listen::ListenError) -> Self {
        Self::Beyond(error.to_string())
    }
}

impl From<BeyondError> for StartError {
    fn from(error: BeyondError) -> Self {
        match error {
            BeyondError::Port(error) => error.into(),
            BeyondError::Tls(error) => Self::Beyond(error.to_string()),
        }
    }
}

/// A server that accepts requests.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// Origin for other devices, such as `https://studio.local:23443`.
    pub public: Option<String>,
    /// Where it listens for them.
    pub beyond: Option<SocketAddr>,
    /// Every route that is served.
    pub inventory: Inventory,
    /// Who may do what, to make login links.
    pub access: Arc<Access>,
    home: Home,
    store: Store,
    tmux: Tmux,
    reach: watch::Receiver<Reach>,
    closing: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    /// Ended without being waited for.
    errands: [AbortHandle; 5],
    writer: JoinHandle<()>,
    _lock: HomeLock,
}

/// Runs the server until it is told to stop.
pub(crate) fn run(settings: Settings) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return complain(&StartError::System(error).to_string(), 1),
    };
    runtime.block_on(async {
        match serve(settings).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => complain(&error.to_string(), error.exit_code()),
        }
    })
}

async fn serve(settings: Settings) -> Result<(), StartError> {
    logging::install(&settings.log, settings.log_format)?;
    platform::keep_memory_private();
    let executable = std::env::current_exe()?;
    // Listened for from the start, so that an early signal is not lost.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let running = start(&settings, executable).await?;
    greet(&running.reach.borrow().clone(), &running.access.logins.create_link(Role::Owner).await?)?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    tracing::info!("stopping; agents go on");
    running.stop().await;
    Ok(())
}

/// Starts a server. `executable` is this program: tmux runs it to launch agents.
pub async fn start(settings: &Settings, executable: PathBuf) -> Result<Running, StartError> {
    let home = Home::at(settings.home.clone())?;
    let lock = home.prepare()?;
    if !home.config().exists() {
        Home::write_private(&home.config(), config::TEMPLATE)?;
    }
    // A first look: without a database nobody logged in, and most mistakes show already here.
    listen::decide(&settings.beyond, settings.port, home.database().exists())?;
    let (address, loopback) = listen::loopback(settings.port)?;
    let Opened { store, lost_write } = Store::open(&home.database()).await?;
    let health = Arc::new(Health::default());
    if lost_write {
        health.report(ProblemKind::LostWrite, LOST_WRITE);
    }
    let instance = store.instance().id_or(&secrets::instance_id()).await?;
    let beyond =
        match listen::decide(&settings.beyond, settings.port, has_credential(&store).await?)? {
            Some(plan) => {
                Some(Beyond::prepare(plan, &home, machine_name(), instance.clone()).await?)
            }
            None => None,
        };
    let (reach_says, reach) = watch::channel(Reach {
        loopback: format!("http://{address}"),
        public: beyond.as_ref().map(|beyond| beyond.public.clone()),
        certificate: beyond.as_ref().and_then(Beyond::certificate),
    });
    let authority = tls::authority_pem(&home).map(Into::into);

    let (tmux, events) = Tmux::start(TmuxConfig {
        run_dir: home.run().to_owned(),
        maestro_exe: executable,
        tmux_program: settings.tmux.clone(),
    })
    .await?;
    let user_home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let facts = facts(&home, &user_home, tmux.version());
    let hub = Arc::new(Hub::default());
    let topic = Arc::new(AgentsTopic::new(store.agents().list().await?));
    let tokens = Arc::new(Tokens::load(store.clone(), home.run()).await?);
    let folders = Folders { user_home, maestro_home: home.root().to_owned() };
    let agents = Agents::new(
        store.clone(),
        tmux.clone(),
        Arc::clone(&topic),
        Arc::clone(&hub),
        Arc::clone(&health),
        folders,
        Arc::clone(&tokens),
    );
    agents.recover().await?;
    let backups = Backups::new(store.clone(), home.root().join("backups"), Arc::clone(&health));
    let sockets = Sockets::default();
    let metrics = Arc::new(Metrics::new({
        let (topic, hub, health) = (Arc::clone(&topic), Arc::clone(&hub), Arc::clone(&health));
        let (tmux, store, sockets) = (tmux.clone(), store.clone(), sockets.clone());
        move || Readings {
            agents: topic.list().agents.iter().map(|agent| agent.state).collect(),
            viewers: hub.viewers(),
            sockets: sockets.open(),
            input_bytes: hub.input_bytes(),
            tmux: tmux.statistics(),
            store: store.statistics(),
            problems: health.now().problems.iter().map(|problem| problem.kind).collect(),
        }
    }));

    let token = secrets::random_token();
    let origin = reach.borrow().loopback.clone();
    let (trail, writer) = Trail::start(
        store.clone(),
        &home,
        &instance,
        settings.audit_heads.clone(),
        Arc::clone(&health),
    )?;
    note_restore(&store, &trail).await?;
    let access = Arc::new(Access::new(
        Parts {
            logins: Logins::load(store.clone(), &instance, origin).await?,
            tokens,
            gatekeeper: Gatekeeper::load(store.clone()).await?,
            pairings: Pairings::new(&instance),
            trail,
            reach: Box::new({
                let reach = reach.clone();
                move || reach.borrow().clone()
            }),
        },
        &token,
    ));
    let (closing, closing_seen) = watch::channel(false);
    let (router, inventory) = http::router(AppState {
        ports: Ports {
            agents: Arc::new(agents.clone()),
            terminals: Arc::new(agents.clone()),
            access: Arc::clone(&access) as Arc<dyn AccessPort>,
            host: Arc::new(Host {
                facts,
                settings: settings.clone(),
                address,
                health: Arc::clone(&health),
                metrics: Arc::clone(&metrics),
                backups: backups.clone(),
                programs: Programs::default(),
            }),
        },
        hub,
        topic,
        health,
        metrics,
        sockets,
        access: Arc::clone(&access),
        authority,
        build: assets::build_id().into(),
        instance: instance.into(),
        leptos: LeptosOptions::builder().output_name("maestro").site_addr(address).build(),
        closing: closing_seen.clone(),
    });
    let waiting = tokio::spawn(agents.clone().store_what_waits()).abort_handle();
    let mut tasks = vec![
        tokio::spawn(observe(agents.clone(), events, closing_seen.clone())),
        tokio::spawn(backups.run(closing_seen.clone())),
    ];
    let attendant = Attendant { slots: Slots::new(), router, closing: closing_seen.clone() };
    for bound in loopback {
        tasks.push(open(bound.listen()?, Door::loopback(), &attendant));
    }
    let public = beyond.as_ref().map(|beyond| beyond.public.clone());
    let beyond_address = beyond.as_ref().map(|beyond| beyond.bound.address());
    if let Some(Beyond { bound, door, certificates, .. }) = beyond {
        tracing::info!(address = %bound.address(), "for other devices");
        tasks.push(open(bound.listen()?, door, &attendant));
        if let Some(certificates) = certificates {
            tasks.push(tokio::spawn(certificates.keep(reach_says, closing_seen)));
        }
    }
    Home::write_private(&home.run().join("cli-token"), &token)?;
    Home::write_private(&home.run().join("address"), &address.to_string())?;
    tracing::info!(%address, home = %home.root().display(), "ready");
    // After the address is known: programs that start may look for it.
    let starting =
        tokio::spawn(async move { agents.start_with_machine(boot_id()).await }).abort_handle();
    let counting = {
        let access = Arc::clone(&access);
        tokio::spawn(async move { access.gatekeeper.write_down().await }).abort_handle()
    };
    let pairing = {
        let access = Arc::clone(&access);
        tokio::spawn(async move { access.keep_pairings().await }).abort_handle()
    };
    let records = {
        let access = Arc::clone(&access);
        tokio::spawn(async move { access.keep_records().await }).abort_handle()
    };
    let errands = [waiting, starting, counting, pairing, records];
    Ok(Running {
        address,
        public,
        beyond: beyond_address,
        inventory,
        access,
        home,
        store,
        tmux,
        reach,
        closing,
        tasks,
        errands,
        writer,
        _lock: lock,
    })
}

impl Running {
    /// Stops accepting, lets open requests finish, says goodbye to sockets. Agents go on.
    pub async fn stop(self) {
        // The address must not outlive the server: the command line would ask a stranger.
        for file in ["address", "cli-token"] {
            let _already_gone = std::fs::remove_file(self.home.run().join(file));
        }
        self.closing.send_replace(true);
        for errand in &self.errands {
            errand.abort();
        }
        // First: a program that ends from now on is found, with its exit code, at the next start.
        self.tmux.shutdown().await;
        let finished = async {
            for task in self.tasks {
                let _panicked = task.await;
            }
        };
        if timeout(GRACE, finished).await.is_err() {
            tracing::warn!("some requests were cut off");
        }
        // Every socket holds a receiver until it has said goodbye.
        let _late = timeout(GOODBYE, self.closing.closed()).await;
        self.access.gatekeeper.flush().await;
        self.access.trail.close();
        if timeout(GRACE, self.writer).await.is_err() {
            tracing::warn!("the end of the audit trail was not written");
        }
        self.store.close().await;
    }
}

async fn observe(
    agents: Agents,
    mut events: mpsc::Receiver<TmuxEvent>,
    mut closing: watch::Receiver<bool>,
) {
    loop {
        tokio::select! {
            event = events.recv() => match event {
                // What concerns tmux as a whole is taken in order.
                Some(
                    event @ (TmuxEvent::ServerGone
                    | TmuxEvent::ServerBack
                    | TmuxEvent::Silent
                    | TmuxEvent::Answering),
                ) => agents.observe(event).await,
                // Agents do not wait for each other's events.
                Some(event) => {
                    let agents = agents.clone();
                    tokio::spawn(async move { agents.observe(event).await });
                }
                None => return,
            },
            () = stops(&mut closing) => return,
        }
    }
}

/// Whether somebody ever logged in, or made a token for a script.
async fn has_credential(store: &Store) -> Result<bool, store::StoreError> {
    Ok(store.instance().claimed_at_ms().await?.is_some())
}

/// Has the trail tell that a backup took the place of the database.
async fn note_restore(store: &Store, trail: &Trail) -> Result<(), store::StoreError> {
    if let Some(backup) = store.instance().restored_from().await? {
        trail.note(NewEntry::by_itself("restore").on(backup)).await;
        store.instance().forget_restore().await?;
    }
    Ok(())
}

fn open(listener: TcpListener, door: Door, attendant: &Attendant) -> JoinHandle<()> {
    tokio::spawn(listen::accept(listener, door, attendant.clone()))
}

fn facts(home: &Home, user_home: &Path, tmux_version: String) -> HostFacts {
    HostFacts {
        name: machine_name(),
        version: env!("CARGO_PKG_VERSION").into(),
        tmux_version,
        user_home: user_home.to_string_lossy().into_owned(),
        maestro_home: home.root().to_string_lossy().into_owned(),
    }
}

fn greet(reach: &Reach, link: &LoginLink) -> io::Result<()> {
    use std::io::Write as _;
    let version = env!("CARGO_PKG_VERSION");
    let mut out = io::stdout().lock();
    writeln!(out, "\n  Maestro {version} serves {}\n", reach.loopback)?;
    if let Some(public) = &reach.public {
        writeln!(out, "  For other devices: {public}")?;
        if let Some(certificate) = &reach.certificate {
            let whose =
                if certificate.own_authority { "its own authority" } else { "its certificate" };
            writeln!(out, "  SHA-256 of {whose}:\n  {}", certificate.fingerprint)?;
        }
        writeln!(out)?;
    }
    writeln!(out, "  Log in with this link. It works once, within ten minutes:\n  {}\n", link.url)?;
    writeln!(out, "  Stop with Ctrl+C: agents go on. `maestro login-link` makes another link.\n")?;
    out.flush()
}
