//! What the gates cost, how long a revoked device holds on, and whether a flood of connections
//! keeps the owner out.

use std::path::Path;
use std::time::{Duration, Instant};

use protocol::frame::SUBPROTOCOL;
use protocol::message::{Auth, ClientMessage};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use crate::instance::Instance;
use crate::report::Report;
use crate::{Outcome, http, process};

/// Requests of one measurement.
const REQUESTS: u32 = 20_000;
/// Connections that say nothing, or say it slowly.
const SILENT: usize = 1_000;
/// Sockets of the device that is revoked.
const SOCKETS: usize = 5;

/// A browser that logged in.
struct Device {
    cookie: String,
    secret: String,
}

/// Adds the figures of one server.
pub(crate) async fn measure(binary: &Path, report: &mut Report) -> Outcome<()> {
    let instance = Instance::start(binary).await?;
    let device = log_in(&instance).await?;
    let with_device =
        format!("cookie: {}\r\nx-maestro-secret: {}\r\n", device.cookie, device.secret);
    let bare = cost(&instance, "/healthz", "").await?;
    let gated = cost(&instance, "/api/self", &with_device).await?;
    let micros = |time: Duration| format!("{:.1} µs", time.as_secs_f64() * 1e6);
    report.figure("processor time of a whole request of nobody", micros(bare), "the comparison");
    report.figure("the same of a device, through all gates", micros(gated), "gates within 50 µs");

    let mut times = Vec::new();
    for _ in 0..10 {
        times.push(revocation(&instance).await?);
    }
    report.times("revoked until five sockets are closed", "2 s", times);

    let flood = flood(&instance).await?;
    let mut times = Vec::new();
    for _ in 0..20 {
        let began = Instant::now();
        let (status, _) = http::send(&instance, "GET", "/api/self", None).await?;
        if status != 200 {
            return Err(format!("the owner was answered with {status} during the flood").into());
        }
        times.push(began.elapsed());
    }
    drop(flood);
    report.times("the owner's request beside 1,000 silent connections", "1 s", times);
    instance.stop().await
}

async fn log_in(instance: &Instance) -> Outcome<Device> {
    let link = data(http::send(instance, "POST", "/api/login-links", None).await?)?;
    let token = link["url"].as_str().and_then(|url| url.split("#t=").nth(1)).ok_or("no link")?;
    let body = json!({ "token": token }).to_string();
    let request = format!(
        "POST /api/login HTTP/1.1\r\nhost: {0}\r\norigin: http://{0}\r\n\
         content-type: application/json\r\ncontent-length: {1}\r\nconnection: close\r\n\r\n{body}",
        instance.address,
        body.len(),
    );
    let mut stream = TcpStream::connect(&instance.address).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let cookie = answer.split("set-cookie: ").nth(1).and_then(|rest| rest.split(';').next());
    let body = answer.split("\r\n\r\n").nth(1).ok_or("no body")?;
    let body: Value = serde_json::from_str(body)?;
    let secret = body["data"]["secret"].as_str().ok_or("no secret")?.to_owned();
    Ok(Device { cookie: cookie.ok_or("no cookie")?.to_owned(), secret })
}

fn data((status, body): (u16, Vec<u8>)) -> Outcome<Value> {
    if !(200..300).contains(&status) {
        return Err(String::from_utf8_lossy(&body).into_owned().into());
    }
    Ok(serde_json::from_slice::<Value>(&body)?["data"].take())
}

/// Processor time of the server per request, over one connection.
async fn cost(instance: &Instance, path: &str, headers: &str) -> Outcome<Duration> {
    let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\n{headers}\r\n", instance.address);
    let mut stream = TcpStream::connect(&instance.address).await?;
    stream.set_nodelay(true)?;
    let mut answer = vec![0; 16 * 1024];
    let pid = instance.pid()?;
    let mut began = Duration::ZERO;
    for number in 0..=REQUESTS {
        if number == 1 {
            // The first one warms up.
            began = process::processor_time(pid)?;
        }
        stream.write_all(request.as_bytes()).await?;
        let length = stream.read(&mut answer).await?;
        if !answer[..length].starts_with(b"HTTP/1.1 200") {
            return Err(String::from_utf8_lossy(&answer[..length]).into_owned().into());
        }
    }
    Ok(process::processor_time(pid)?.saturating_sub(began) / REQUESTS)
}

/// A new device opens sockets and is revoked; the time until all of them are closed.
async fn revocation(instance: &Instance) -> Outcome<Duration> {
    let device = log_in(instance).await?;
    let mut sockets = Vec::new();
    for _ in 0..SOCKETS {
        let mut request = format!("ws://{}/ws", instance.address).into_client_request()?;
        let headers = request.headers_mut();
        headers.insert("sec-websocket-protocol", SUBPROTOCOL.parse()?);
        headers.insert("cookie", device.cookie.parse()?);
        headers.insert("origin", format!("http://{}", instance.address).parse()?);
        let tcp = TcpStream::connect(&instance.address).await?;
        let (mut socket, _) = tokio_tungstenite::client_async(request, tcp).await?;
        let auth = ClientMessage::Auth(Auth { secret: device.secret.clone() });
        futures_util::SinkExt::send(&mut socket, Message::Binary(auth.frame().encode())).await?;
        // HELLO: from now on it counts.
        futures_util::StreamExt::next(&mut socket).await.ok_or("the socket ended")??;
        sockets.push(socket);
    }
    let devices = data(http::send(instance, "GET", "/api/devices", None).await?)?;
    let busy = devices["devices"].as_array().and_then(|devices| {
        devices.iter().find(|device| device["sockets"].as_u64() == Some(SOCKETS as u64))
    });
    let id = busy.and_then(|device| device["id"].as_str()).ok_or("no device with its sockets")?;
    let began = Instant::now();
    data(http::send(instance, "DELETE", &format!("/api/devices/{id}"), None).await?)?;
    for mut socket in sockets {
        while let Some(Ok(message)) = futures_util::StreamExt::next(&mut socket).await {
            if message.is_close() {
                break;
            }
        }
    }
    Ok(began.elapsed())
}

/// Connections of which half say nothing and half stop in the middle of a head.
async fn flood(instance: &Instance) -> Outcome<Vec<TcpStream>> {
    let mut open = Vec::new();
    for number in 0..SILENT {
        let mut stream = TcpStream::connect(&instance.address).await?;
        if number % 2 == 0 {
            // One that was closed to make room refuses this; that is its right.
            let _made_room = stream.write_all(b"GET / HTTP/1.1\r\nx: ").await;
        }
        open.push(stream);
    }
    Ok(open)
}
