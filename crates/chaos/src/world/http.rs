//! Requests by hand, so that what happens to a connection is known.

use std::time::Duration;

use protocol::agents::AgentId;
use protocol::terminals::ScreenText;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::Outcome;

const PATIENCE: Duration = Duration::from_mins(1);

/// Where to ask, and with which token.
#[derive(Clone)]
pub(crate) struct Api {
    pub(crate) address: String,
    pub(crate) token: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    /// Status code.
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    /// The body.
    pub(crate) text: String,
}

/// A browser that logged in.
pub(crate) struct Browser {
    address: String,
    cookie: String,
    secret: String,
}

impl Api {
    /// Sends one request with the command line's token.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Outcome<Reply> {
        let proof = format!("authorization: Bearer {}\r\n", self.token);
        exchange(&self.address, method, path, &proof, body).await
    }

    /// The data of a request that must succeed.
    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Outcome<T> {
        let reply = self.send(method, path, body.as_ref()).await?;
        if (200..300).contains(&reply.status) {
            return reply.data();
        }
        Err(format!("{method} {path} answers {}: {}", reply.status, reply.text).into())
    }

    /// The last lines of the terminal of an agent's program.
    pub(crate) async fn output(&self, agent: &AgentId, lines: u32) -> Outcome<Vec<String>> {
        let path = format!("/api/terminals/{agent}/output?lines={lines}");
        Ok(self.ask::<ScreenText>("GET", &path, None).await?.rows)
    }

    /// Opens a login link in a new browser.
    pub(crate) async fn log_in(&self, link: &str) -> Outcome<Browser> {
        let token = link.split("#t=").nth(1).ok_or("the link has no token")?;
        let body = serde_json::json!({ "token": token });
        let proof = format!("origin: http://{}\r\n", self.address);
        let reply = exchange(&self.address, "POST", "/api/login", &proof, Some(&body)).await?;
        if reply.status != 200 {
            return Err(format!("the login answers {}: {}", reply.status, reply.text).into());
        }
        let cookie = reply.header("set-cookie").ok_or("the login sets no cookie")?;
        Ok(Browser {
            address: self.address.clone(),
            cookie: cookie.split(';').next().unwrap_or_default().to_owned(),
            secret: reply.json()?["data"]["secret"].as_str().ok_or("no secret")?.to_owned(),
        })
    }
}

impl Browser {
    /// A request of the page; its status.
    pub(crate) async fn get(&self, path: &str) -> Outcome<u16> {
        let proof = format!(
            "origin: http://{}\r\ncookie: {}\r\nx-maestro-secret: {}\r\n",
            self.address, self.cookie, self.secret,
        );
        Ok(exchange(&self.address, "GET", path, &proof, None).await?.status)
    }
}

impl Reply {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn json(&self) -> Outcome<Value> {
        serde_json::from_str(&self.text).map_err(|_| format!("no JSON: {}", self.text).into())
    }

    /// What a success carries.
    pub(crate) fn data<T: DeserializeOwned>(&self) -> Outcome<T> {
        let mut body = self.json()?;
        let data = body["data"].take();
        serde_json::from_value(data).map_err(|error| format!("{error} in {}", self.text).into())
    }

    /// The sentence of a refusal.
    pub(crate) fn sentence(&self) -> Outcome<String> {
        let body = self.json()?;
        let message = body["error"]["message"].as_str();
        Ok(message.ok_or_else(|| format!("no sentence: {}", self.text))?.to_owned())
    }
}

async fn exchange(
    address: &str,
    method: &str,
    path: &str,
    proof: &str,
    body: Option<&Value>,
) -> Outcome<Reply> {
    let body = body.map(Value::to_string).unwrap_or_default();
    let kind = if body.is_empty() { "" } else { "content-type: application/json\r\n" };
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\n{proof}{kind}content-length: {}\r\n\
         connection: close\r\n\r\n",
        body.len(),
    );
    let asked = timeout(PATIENCE, async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(body.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        Ok::<_, std::io::Error>(answer)
    });
    let answer = asked.await.map_err(|_| format!("{method} {path}: no answer in a minute"))??;
    read(&answer).ok_or_else(|| format!("{method} {path}: the answer is cut off").into())
}

fn read(answer: &[u8]) -> Option<Reply> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&answer[..end]).ok()?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let mut body = answer[end + 4..].to_vec();
    let named = |wanted: &str| headers.iter().find(|(name, _)| name == wanted);
    if named("transfer-encoding").is_some_and(|(_, value)| value == "chunked") {
        body = unchunk(&body)?;
    } else if let Some((_, length)) = named("content-length")
        && body.len() < length.parse().ok()?
    {
        return None;
    }
    Some(Reply { status, headers, text: String::from_utf8_lossy(&body).into_owned() })
}

fn unchunk(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = bytes.windows(2).position(|two| two == b"\r\n")?;
        let length = usize::from_str_radix(std::str::from_utf8(&bytes[..end]).ok()?, 16).ok()?;
        if length == 0 {
            return Some(body);
        }
        body.extend(bytes.get(end + 2..end + 2 + length)?);
        bytes = bytes.get(end + 4 + length..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_is_cut_off_is_none() {
        let whole = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nabcd";
        assert_eq!(read(whole).unwrap().text, "abcd");
        assert!(read(&whole[..whole.len() - 1]).is_none());
        let chunked =
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n";
        assert_eq!(read(chunked).unwrap().text, "abcd");
        assert!(read(&chunked[..chunked.len() - 5]).is_none());
    }
}
