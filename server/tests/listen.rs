//! Listening for other devices, and staying reachable while somebody holds connections open.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use server::config::Settings;
use server::home::Home;
use server::http::listen::{ListenAddress, ListenSettings, TlsSource};
use server::serve::{Running, start};
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::time::{interval, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::world::http::Request;
use crate::world::{PATIENCE, World, executable};

/// What the server promises, whoever else is connected.
const PROMPT: Duration = Duration::from_secs(1);
/// How long the server waits for a request's head, and a little.
const HEAD: Duration = Duration::from_secs(14);
/// Connections of one address that may wait without a request.
const SILENT: usize = 32;
/// Connections of one address that may ask without having said who asks.
const ASKING: usize = 64;

fn on_loopback() -> ListenSettings {
    let listen = ListenAddress { ip: [127, 0, 0, 1].into(), port: Some(0) };
    ListenSettings { listen: Some(listen), ..ListenSettings::default() }
}

fn own() -> ListenSettings {
    ListenSettings { tls: Some(TlsSource::Own), ..on_loopback() }
}

/// A world where somebody logged in, started again with a door for others.
async fn opened(beyond: ListenSettings) -> (World, Running) {
    let mut world = World::start().await;
    world.log_in().await;
    world.down().await;
    let settings = Settings { beyond, ..world.settings() };
    let running = start(&settings, executable()).await.unwrap();
    (world, running)
}

fn door(running: &Running) -> SocketAddr {
    running.beyond.unwrap()
}

/// Speaks TLS and trusts nobody but this authority.
async fn over_tls(
    running: &Running,
    authority: &str,
    name: &str,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let tcp = TcpStream::connect(door(running)).await?;
    let name = ServerName::try_from(name.to_owned()).unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, tcp).await
}

async fn exchange(mut stream: impl AsyncRead + AsyncWrite + Unpin, request: &str) -> (u16, String) {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    let read = stream.read_to_end(&mut bytes);
    let _closed_without_goodbye = timeout(PATIENCE, read).await.expect("an answer in time");
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let status = text.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.unwrap_or_else(|| panic!("no status in {text:?}")), text)
}

fn get(path: &str, host: &str, more: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: {host}\r\n{more}connection: close\r\n\r\n")
}

fn post(path: &str, host: &str, more: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\n{more}content-type: application/json\r\n\
         content-length: 2\r\nconnection: close\r\n\r\n{{}}"
    )
}

/// Whether the server closed this connection already.
async fn is_closed(stream: &mut TcpStream) -> bool {
    let mut byte = [0];
    !matches!(timeout(Duration::from_millis(1), stream.read(&mut byte)).await, Err(_elapsed))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_served_over_tls_to_whoever_trusts_the_authority() {
    let (world, running) = opened(own()).await;
    let authority = server::tls::authority_pem(&Home::at(world.home()).unwrap()).unwrap();
    let port = door(&running).port();
    assert_eq!(running.public, Some(format!("https://127.0.0.1:{port}")));
    for name in ["127.0.0.1", "localhost"] {
        let stream = over_tls(&running, &authority, name).await.unwrap();
        let host = format!("{name}:{port}");
        let (status, page) = exchange(stream, &get("/login", &host, "")).await;
        assert_eq!(status, 200, "{page}");
        assert!(page.contains("<html"), "{page}");
    }
    assert!(over_tls(&running, &authority, "evil.test").await.is_err(), "not a name of ours");
    let (stranger, _) = foreign_authority();
    assert!(over_tls(&running, &stranger, "localhost").await.is_err(), "not our authority");

    let ask = async |request: String| {
        exchange(over_tls(&running, &authority, "localhost").await.unwrap(), &request).await.0
    };
    assert_eq!(ask(get("/healthz", "evil.test", "")).await, 421);
    let forwarded = "x-forwarded-host: localhost\r\n";
    assert_eq!(ask(get("/healthz", "evil.test", forwarded)).await, 421);
    let host = format!("localhost:{port}");
    let origin = |scheme: &str| format!("origin: {scheme}://{host}\r\n");
    assert_eq!(ask(post("/api/login", &host, &origin("http"))).await, 403);
    let answered = ask(post("/api/login", &host, &origin("https"))).await;
    assert!(![403, 421].contains(&answered), "our own origin is not ours: {answered}");
    running.stop().await;
}

fn foreign_authority() -> (String, String) {
    let params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_http_on_the_tls_port_is_sent_to_https() {
    let (_world, running) = opened(own()).await;
    let port = door(&running).port();
    let ask = async |request: &str| {
        exchange(TcpStream::connect(door(&running)).await.unwrap(), request).await
    };
    let (status, answer) = ask(&get("/agents?x=1", &format!("localhost:{port}"), "")).await;
    assert_eq!(status, 308);
    let location = format!("location: https://localhost:{port}/agents?x=1\r\n");
    assert!(answer.contains(&location), "{answer}");
    let (status, answer) = ask(&get("/evil", "evil.test", "")).await;
    assert_eq!(status, 400);
    assert!(!answer.contains("evil"), "nothing is repeated: {answer}");
    let (status, answer) = ask("EHLO evil.test\r\n\r\n").await;
    assert_eq!(status, 400);
    assert!(!answer.contains("evil"), "{answer}");
    let (status, _) = ask(&get("/", "localhost", &format!("x: {}\r\n", "x".repeat(40_000)))).await;
    assert_eq!(status, 431, "the head has its limit here, too");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_proxy_its_word_counts_there_and_nowhere_else() {
    let names = vec!["studio.example.org".to_owned()];
    let (_world, running) =
        opened(ListenSettings { behind_proxy: true, names, ..on_loopback() }).await;
    assert_eq!(running.public.as_deref(), Some("https://studio.example.org"));
    let said = "origin: https://studio.example.org\r\nx-forwarded-proto: https\r\n";
    let ask = async |address: SocketAddr, request: &str| {
        exchange(TcpStream::connect(address).await.unwrap(), request).await.0
    };
    let proxied = post("/api/login", "studio.example.org", said);
    let answered = ask(door(&running), &proxied).await;
    assert!(![403, 421].contains(&answered), "{answered}");
    let foreign = "origin: http://studio.example.org\r\nx-forwarded-proto: https\r\n";
    assert_eq!(ask(door(&running), &post("/api/login", "studio.example.org", foreign)).await, 403);
    let https = "x-forwarded-proto: https\r\n";
    assert_eq!(ask(door(&running), &get("/healthz", "evil.test", https)).await, 421);
    assert_eq!(ask(door(&running), &get("/healthz", "studio.example.org", https)).await, 200);
    assert_eq!(ask(running.address, &proxied).await, 421, "this machine's listener");
    for plain in ["", "x-forwarded-proto: http\r\n"] {
        let stream = TcpStream::connect(door(&running)).await.unwrap();
        let (status, answer) = exchange(stream, &get("/login", "studio.example.org", plain)).await;
        assert_eq!(status, 421);
        assert!(answer.contains("did not say that this request came over TLS"), "{answer}");
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_past_the_proxy_is_refused_whatever_it_says() {
    let names = vec!["studio.example.org".to_owned()];
    let proxies = vec!["192.0.2.1".parse().unwrap()];
    let (_world, running) =
        opened(ListenSettings { behind_proxy: true, names, proxies, ..on_loopback() }).await;
    let said = "x-forwarded-proto: https\r\nx-forwarded-for: 192.0.2.1\r\n";
    for more in ["", said] {
        let stream = TcpStream::connect(door(&running)).await.unwrap();
        let (status, answer) = exchange(stream, &get("/login", "studio.example.org", more)).await;
        assert_eq!(status, 403);
        assert!(answer.contains("127.0.0.1 is not one that Maestro was told of"), "{answer}");
    }
    let here = Request::new(&running.address.to_string(), "GET", "/login").send().await;
    assert_eq!(here.status, 200);
    running.stop().await;
}

fn maestro(home: &Path) -> Command {
    let mut command = Command::new(executable());
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", home);
    command.kill_on_drop(true).arg("--home").arg(home).args(["--port", "0"]);
    command
}

async fn refused(command: &mut Command) -> String {
    let output = timeout(PATIENCE, command.output()).await.unwrap().unwrap();
    let sentence = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{sentence}");
    assert!(output.stdout.is_empty(), "nothing is promised");
    sentence
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unsafe_start_is_refused_with_a_sentence_before_anything_listens() {
    let folder = tempfile::Builder::new().prefix("mst").tempdir_in("/tmp").unwrap();
    let home = folder.path().join("home");
    let proxied = &["--listen", "127.0.0.1:0", "--behind-proxy", "--name", "a.test"];
    for safe in [&["--listen", "0.0.0.0", "--tls", "own"][..], proxied] {
        let sentence = refused(maestro(&home).args(safe)).await;
        assert!(sentence.starts_with("Nobody has logged in to this Maestro yet"), "{sentence}");
    }
    for file in ["maestro.db", "run/address", "run/tmux-0.sock", "tls"] {
        assert!(!home.join(file).exists(), "{file}");
    }
    for (arguments, beginning) in [
        (&["--listen", "0.0.0.0"][..], "On 0.0.0.0 everybody on the network could read along."),
        (&["--listen", "::ffff:0.0.0.0"], "On 0.0.0.0 everybody"),
        (&["--listen", "0.0.0.0", "--behind-proxy"], "--behind-proxy needs the host name"),
        (&["--behind-proxy", "--name", "a.test"], "--behind-proxy is only for other devices."),
        (&["--listen", "::", "--tls", "files"], "A certificate from files needs --tls-cert"),
        (&["--listen", "::", "--tls", "own", "--name", "a.test:1"], "“a.test:1” is not a host"),
        (&["--listen", "100.64.0.1"], "No interface of Tailscale's has the address 100.64.0.1;"),
        (&["--listen", "::", "--tls", "own", "--proxy", "10.0.0.2"], "--proxy is only for"),
        (&["--listen", "studio.local"], "error: invalid value 'studio.local' for '--listen"),
    ] {
        let sentence = refused(maestro(&home).args(arguments)).await;
        assert!(sentence.starts_with(beginning), "{sentence}");
    }

    // Somebody logged in; now the certificate is the one thing that is wrong.
    let (world, running) = opened(own()).await;
    let public = running.public.clone();
    running.stop().await;
    assert!(public.is_some());
    let (cert, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    let (pem, _) = foreign_authority();
    std::fs::write(&cert, pem).unwrap();
    Home::write_private(&key, &foreign_authority().1).unwrap();
    let sentence = refused(
        maestro(&world.home())
            .args(["--listen", "127.0.0.1:0", "--tls-cert"])
            .arg(&cert)
            .arg("--tls-key")
            .arg(&key),
    )
    .await;
    assert!(sentence.contains("does not belong to the certificate"), "{sentence}");
    assert!(!world.home().join("run/address").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_gets_in_while_a_thousand_connections_say_nothing() {
    let (world, running) = opened(own()).await;
    let authority = server::tls::authority_pem(&Home::at(world.home()).unwrap()).unwrap();
    for address in [running.address, door(&running)] {
        let mut half_open = Vec::new();
        for _ in 0..1000 {
            half_open.push(TcpStream::connect(address).await.unwrap());
        }
        let mut slow = tokio::task::JoinSet::new();
        for n in 0..100 {
            slow.spawn(async move {
                let mut stream = TcpStream::connect(address).await.unwrap();
                // On the TLS port every other one pretends to begin a handshake.
                let text: &[u8] =
                    if n % 2 == 0 { b"GET / HTTP/1.1\r\nx: " } else { b"\x16\x03\x01" };
                let mut pace = interval(Duration::from_millis(50));
                for byte in text.iter().chain(std::iter::repeat(&b'x')) {
                    pace.tick().await;
                    if stream.write_all(&[*byte]).await.is_err() {
                        return;
                    }
                }
            });
        }
        for _ in 0..10 {
            let begin = Instant::now();
            let owner = Request::new(&running.address.to_string(), "GET", "/login").send().await;
            assert_eq!(owner.status, 200);
            assert!(begin.elapsed() < PROMPT, "this machine waited {:?}", begin.elapsed());
            let begin = Instant::now();
            let stream = over_tls(&running, &authority, "localhost").await.unwrap();
            assert_eq!(exchange(stream, &get("/login", "localhost", "")).await.0, 200);
            assert!(begin.elapsed() < PROMPT, "a device waited {:?}", begin.elapsed());
        }
        let kept = async {
            loop {
                let mut open = 0;
                for stream in &mut half_open {
                    open += usize::from(!is_closed(stream).await);
                }
                if open <= SILENT {
                    return;
                }
            }
        };
        // Far sooner than they are closed for taking too long.
        assert!(timeout(HEAD / 4, kept).await.is_ok(), "too many silent connections are kept");
        slow.abort_all();
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_never_finishes_a_request_is_hung_up_on() {
    let (_world, running) = opened(own()).await;
    let drip = async |address: SocketAddr, begin: &'static [u8]| {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(begin).await.unwrap();
        let mut pace = interval(Duration::from_millis(200));
        let ended = timeout(HEAD, async {
            let mut byte = [0];
            loop {
                tokio::select! {
                    // Whatever the server says before it hangs up, it is no page.
                    read = stream.read(&mut byte) => if matches!(read, Ok(0) | Err(_)) { return },
                    _ = pace.tick() => {
                        if stream.write_all(b"x").await.is_err() {
                            return;
                        }
                    }
                }
            }
        });
        assert!(ended.await.is_ok(), "{begin:?} at {address} is still open");
    };
    let beyond = door(&running);
    tokio::join!(
        drip(running.address, b"GET / HTTP/1.1\r\nx: "),
        drip(beyond, b"GET / HTTP/1.1\r\nx: "),
        drip(beyond, b"\x16\x03\x01\x40\x00"),
    );
    running.stop().await;
}

/// The head of a request whose body is still to come, and its first byte.
fn begun(address: SocketAddr) -> String {
    format!(
        "POST /api/login HTTP/1.1\r\nhost: {address}\r\norigin: http://{address}\r\n\
         content-type: application/json\r\ncontent-length: 60000\r\n\r\n{{"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_gets_in_while_slow_bodies_fill_every_slot() {
    let mut world = World::start().await;
    world.down().await;
    // As few files as a shell gives to a program.
    let mut server = Command::new("sh");
    server.args(["-c", "ulimit -n 1024 && exec \"$0\" \"$@\""]).arg(executable());
    server.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", world.home());
    server.arg("--home").arg(world.home()).args(["--port", "0"]);
    let mut server =
        server.kill_on_drop(true).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut greeting = BufReader::new(server.stdout.take().unwrap()).lines();
    let ready = async {
        while let Some(line) = greeting.next_line().await.unwrap() {
            if let Some((_, address)) = line.split_once(" serves http://") {
                return address.trim().parse::<SocketAddr>().unwrap();
            }
        }
        panic!("the server did not start")
    };
    let address = timeout(PATIENCE, ready).await.unwrap();
    let token = std::fs::read_to_string(world.home().join("run/cli-token")).unwrap();

    let mut slow = Vec::new();
    for _ in 0..900 {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(begun(address).as_bytes()).await.unwrap();
        slow.push(stream);
    }
    for _ in 0..10 {
        let begin = Instant::now();
        let owner = Request::new(&address.to_string(), "GET", "/api/agents")
            .header("authorization", &format!("Bearer {token}"));
        assert_eq!(owner.send().await.status, 200);
        assert!(begin.elapsed() < PROMPT, "the command line waited {:?}", begin.elapsed());
    }
    let mut open = 0;
    for stream in &mut slow {
        open += usize::from(!is_closed(stream).await);
    }
    assert!((1..=ASKING).contains(&open), "{open} slow bodies are waited for");
    server.kill().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_body_is_waited_for_only_if_it_is_known_who_sends_it() {
    let world = World::start().await;
    let address = world.running().address;
    let length = 4096;
    let head = format!(
        "POST /api/agents HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n",
        world.host(),
        world.token(),
    );
    let mut owner = TcpStream::connect(address).await.unwrap();
    owner.write_all(head.as_bytes()).await.unwrap();
    let mut stranger = TcpStream::connect(address).await.unwrap();
    stranger.write_all(begun(address).as_bytes()).await.unwrap();
    let mut pace = interval(Duration::from_millis(200));
    let mut sent = 0;
    let hung_up = timeout(PATIENCE, async {
        let mut byte = [0];
        loop {
            tokio::select! {
                read = stranger.read(&mut byte) => {
                    assert!(matches!(read, Ok(0) | Err(_)), "the stranger had an answer");
                    return;
                }
                _ = pace.tick() => {
                    owner.write_all(b" ").await.unwrap();
                    sent += 1;
                    let _hung_up = stranger.write_all(b" ").await;
                }
            }
        }
    });
    hung_up.await.expect("the stranger is still waited for");
    // More strangers than may ask do not push out somebody known.
    let mut strangers = Vec::new();
    for _ in 0..2 * ASKING {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(begun(address).as_bytes()).await.unwrap();
        strangers.push(stream);
    }
    let rest = format!("{:1$}", "{}", length - sent);
    let (status, answer) = exchange(owner, &rest).await;
    assert_eq!(status, 422, "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn silent_connections_do_not_keep_the_server_from_stopping() {
    let (_world, running) = opened(own()).await;
    let mut waiting = Vec::new();
    for address in [running.address, door(&running)] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nx: ").await.unwrap();
        waiting.push(stream);
    }
    // Behind them in the queue: once this is answered, they have been accepted.
    for address in [running.address, door(&running)] {
        let _answered =
            exchange(TcpStream::connect(address).await.unwrap(), &get("/healthz", "localhost", ""))
                .await;
    }
    let begin = Instant::now();
    running.stop().await;
    assert!(begin.elapsed() < Duration::from_secs(4), "it took {:?}", begin.elapsed());
    for stream in &mut waiting {
        let mut rest = Vec::new();
        let _reset = timeout(PATIENCE, stream.read_to_end(&mut rest)).await.unwrap();
        assert!(rest.is_empty());
    }
}
