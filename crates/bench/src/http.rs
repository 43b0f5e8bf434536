//! Requests with the command line's token, and the size of a first visit.

use std::collections::BTreeSet;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::Outcome;
use crate::instance::Instance;

/// Sends one request; returns the status, and the body as it went over the wire.
pub(crate) async fn send(
    instance: &Instance,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> Outcome<(u16, Vec<u8>)> {
    let body = body.map(Value::to_string).unwrap_or_default();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n\
         accept-encoding: br\r\naccept: text/html,*/*\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{body}",
        instance.address,
        instance.token,
        body.len(),
    );
    let mut stream = TcpStream::connect(&instance.address).await?;
    stream.write_all(head.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").ok_or("no answer")?;
    let status = std::str::from_utf8(&answer[..end])?.split(' ').nth(1).ok_or("no status")?;
    Ok((status.parse()?, answer[end + 4..].to_vec()))
}

/// Bytes that a first visit loads: the page, and every file of this origin that it, its style
/// sheet or the terminal names.
pub(crate) async fn first_load(instance: &Instance) -> Outcome<u64> {
    let (status, page) = send(instance, "GET", "/", None).await?;
    if status != 200 {
        return Err(format!("the page answers {status}").into());
    }
    let mut total = page.len();
    let html = String::from_utf8_lossy(&page).into_owned();
    let mut files: BTreeSet<String> = html
        .split(['"', '\'', '(', ')', ' '])
        .filter(|word| ["/pkg/", "/vendor/", "/fonts/"].iter().any(|start| word.starts_with(start)))
        .map(|word| word.split('?').next().unwrap_or(word).to_owned())
        .collect();
    files.extend(
        [
            "/pkg/maestro.js",
            "/pkg/maestro.wasm",
            "/pkg/maestro.css",
            "/vendor/terminal.js",
            "/vendor/terminal.css",
            "/fonts/inter-ui.woff2",
            "/fonts/jetbrains-mono-regular.woff2",
            "/fonts/jetbrains-mono-bold.woff2",
            "/icon.svg",
        ]
        .map(str::to_owned),
    );
    for file in &files {
        let (status, bytes) = send(instance, "GET", file, None).await?;
        if status != 200 {
            return Err(format!("{file} answers {status}").into());
        }
        total += bytes.len();
    }
    Ok(total as u64)
}

/// Creates and starts an agent that runs `sh -c SCRIPT`; returns its id.
pub(crate) async fn create(instance: &Instance, name: &str, script: &str) -> Outcome<String> {
    let new = serde_json::json!({
        "name": name, "program": "sh", "args": ["-c", script], "folder": instance.work(),
    });
    let (status, body) = send(instance, "POST", "/api/agents", Some(&new)).await?;
    let text = String::from_utf8_lossy(&body).into_owned();
    let answer: Value = serde_json::from_str(&text)?;
    match answer["data"]["id"].as_str() {
        Some(id) if status == 201 => Ok(id.to_owned()),
        _ => Err(text.into()),
    }
}
