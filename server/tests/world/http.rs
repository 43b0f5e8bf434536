//! HTTP/1.1 by hand: tests must be able to send what no well-behaved client sends.

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::PATIENCE;

pub(crate) struct Request {
    address: String,
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Request {
    pub(crate) fn new(address: &str, method: &str, path: &str) -> Self {
        Self {
            address: address.into(),
            method: method.into(),
            path: path.into(),
            headers: vec![("host".into(), address.into())],
            body: Vec::new(),
        }
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Replaces the Host header.
    pub(crate) fn host(mut self, value: &str) -> Self {
        self.headers.retain(|(name, _)| name != "host");
        self.header("host", value)
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string().as_bytes())
    }

    /// A GET has none: a server that closes with a body unread cuts its own answer off.
    pub(crate) fn body(mut self, kind: &str, body: &[u8]) -> Self {
        if self.method == "GET" {
            return self;
        }
        self.body = body.to_vec();
        self.header("content-type", kind)
    }

    pub(crate) async fn send(self) -> Answer {
        let what = format!("{} {}", self.method, self.path);
        let answer = timeout(PATIENCE, self.exchange()).await;
        answer.unwrap_or_else(|_| panic!("{what} had no answer in time"))
    }

    /// Sends the request, lets others run for so many turns, and closes without an answer.
    pub(crate) async fn send_and_leave(self, turns: usize) {
        let stream = self.write().await;
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
        drop(stream);
    }

    async fn exchange(self) -> Answer {
        let mut stream = self.write().await;
        let mut bytes = Vec::new();
        let _reset_after_answer = stream.read_to_end(&mut bytes).await;
        Answer::read(&bytes)
    }

    async fn write(&self) -> TcpStream {
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        let headers: Vec<String> =
            self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let head = format!(
            "{} {} HTTP/1.1\r\n{}content-length: {}\r\nconnection: close\r\n\r\n",
            self.method,
            self.path,
            headers.concat(),
            self.body.len(),
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        // A server that refuses early may close before it has read everything.
        let _refused_early = stream.write_all(&self.body).await;
        stream
    }
}

impl Answer {
    fn read(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").expect("a whole head");
        let head = std::str::from_utf8(&bytes[..end]).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers: Vec<_> = lines
            .map(|line| line.split_once(':').unwrap())
            .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
            .collect();
        let mut answer = Self { status, headers, body: bytes[end + 4..].to_vec() };
        if answer.header("transfer-encoding") == Some("chunked") {
            answer.body = unchunk(&answer.body);
        }
        answer
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn body(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("JSON, not {}", self.text()))
    }

    /// The error's code and sentence.
    pub(crate) fn error(&self) -> (String, String) {
        let body = self.body();
        assert_eq!(body["success"], false, "{body}");
        let text = |key: &str| body["error"][key].as_str().unwrap().to_owned();
        (text("code"), text("message"))
    }
}

fn unchunk(mut bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = bytes.windows(2).position(|two| two == b"\r\n") {
        let length =
            usize::from_str_radix(std::str::from_utf8(&bytes[..end]).unwrap(), 16).unwrap();
        if length == 0 {
            break;
        }
        body.extend(&bytes[end + 2..end + 2 + length]);
        bytes = &bytes[end + 4 + length..];
    }
    body
}
