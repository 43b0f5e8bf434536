//! A server that reads HTTP requests, notes them, and answers from a script.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::mpsc::{self, Receiver};
use std::thread;

/// The token in the run folder of every test.
pub(crate) const TOKEN: &str = "s3cret";

/// One request as it came in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Received {
    /// Method and path, such as `GET /api/agents`.
    pub(crate) line: String,
    /// The Authorization header.
    pub(crate) authorization: String,
    /// The body.
    pub(crate) body: String,
}

/// Listens until its script ends.
pub(crate) struct FakeServer {
    pub(crate) address: String,
    requests: Receiver<Received>,
}

impl FakeServer {
    /// Gives these answers, one after the other: status and body.
    pub(crate) fn start(answers: &[(u16, &str)]) -> Self {
        Self::promising(answers, 0)
    }

    /// Gives one answer, of which the end is missing.
    pub(crate) fn breaking_off(body: &str) -> Self {
        Self::promising(&[(200, body)], 1)
    }

    /// Says that each body has so many bytes more than it has.
    fn promising(answers: &[(u16, &str)], missing: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (note, requests) = mpsc::channel();
        let answers: Vec<(u16, String)> =
            answers.iter().map(|(status, body)| (*status, (*body).to_owned())).collect();
        thread::spawn(move || {
            for (status, body) in answers {
                let (mut stream, _) = listener.accept().unwrap();
                // Noted before it is answered: a finished command has all its requests here.
                if note.send(read_request(&stream)).is_err() {
                    return;
                }
                let answer = format!(
                    "HTTP/1.1 {status} Answer\r\nContent-Type: application/json\r\n\
                     Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
                    body.len() + missing
                );
                let _gone_is_fine = stream.write_all(answer.as_bytes());
                // Closing with something unread would reset the connection under the answer.
                let _gone_is_fine = stream.shutdown(Shutdown::Write);
                let _gone_is_fine = std::io::copy(&mut stream, &mut std::io::sink());
            }
        });
        Self { address, requests }
    }

    /// The requests since the last call.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.requests.try_iter().collect()
    }
}

fn read_request(stream: &TcpStream) -> Received {
    let mut reader = BufReader::new(stream);
    let mut next_line = || {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    };
    let line = next_line().trim_end_matches(" HTTP/1.1").to_owned();
    let mut authorization = String::new();
    let mut length = 0;
    loop {
        let header = next_line();
        match header.split_once(": ") {
            Some((name, value)) if name.eq_ignore_ascii_case("authorization") => {
                value.clone_into(&mut authorization);
            }
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.parse().unwrap();
            }
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    Received { line, authorization, body: String::from_utf8(body).unwrap() }
}

/// Writes what a running server leaves for the command line.
pub(crate) fn write_run_files(home: &Path, address: &str) {
    let run = home.join("run");
    fs::create_dir_all(&run).unwrap();
    fs::write(run.join("address"), format!("{address}\n")).unwrap();
    let token = run.join("cli-token");
    fs::write(&token, format!("{TOKEN}\n")).unwrap();
    fs::set_permissions(&token, fs::Permissions::from_mode(0o600)).unwrap();
}
