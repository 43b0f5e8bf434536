//! `xtask conformance`: foreign test suites against Maestro, taken from PyPI into the target folder.
//!
//! The WebSocket stack is held against the Autobahn suite, the HTTP API against its own OpenAPI
//! document by Schemathesis. Neither is part of the gate: both need the network once, and the
//! first one a Python 2.7, which its authors never left.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use crate::project::Project;
use crate::report::{Outcome, Report, say};
use crate::{build, files, host, process};

const AUTOBAHN: &str = "autobahntestsuite==25.10.1";
const SCHEMATHESIS: &str = "schemathesis==4.32.5";
/// Messages of 4 MiB and more: past the limit of one message, which ends the socket as it should.
/// And compression, which is not offered.
const LEFT_OUT: [&str; 10] =
    ["9.1.4", "9.1.5", "9.1.6", "9.2.4", "9.2.5", "9.2.6", "9.3.*", "9.4.*", "12.*", "13.*"];
/// The suite's chapters, by the first number of a case.
const CHAPTERS: [(&str, &str); 9] = [
    ("1", "framing"),
    ("2", "pings and pongs"),
    ("3", "reserved bits"),
    ("4", "opcodes"),
    ("5", "fragments"),
    ("6", "UTF-8"),
    ("7", "closing"),
    ("9", "large messages"),
    ("10", "automatic fragments"),
];
/// No answer of 5xx but 503, and no status that the document does not name.
const API_CHECKS: &str = "not_a_server_error,status_code_conformance";

/// A child process that ends when it is dropped.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _gone = self.0.kill();
        let _reaped = self.0.wait();
    }
}

/// Runs both suites.
pub(crate) fn run(project: &Project, report: &mut Report) -> anyhow::Result<()> {
    let folder = project.target.join("conformance");
    report.step("tools", || host::require(&host::FOR_RUN))?;
    report.step("WebSocket suite", || install_autobahn(&folder))?;
    report.step("API suite", || install_schemathesis(&folder))?;
    report.step("echo server", || {
        let mut echo = process::cargo(&project.root);
        process::run(echo.args(["build", "--package", "conformance"])).map(|()| Outcome::Done)
    })?;
    build::site(project, report)?;
    build::server(project, report, false)?;
    report.step("WebSocket conformance", || websocket(project, &folder))?;
    report.step("API conformance", || api(project, &folder))
}

/// The suite says which versions it needs; they only run on Python 2.7.
fn install_autobahn(folder: &Path) -> anyhow::Result<Outcome> {
    let packages = folder.join("autobahn");
    install(&packages, AUTOBAHN, || {
        let mut pip = Command::new(python2()?);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target"]);
        process::run(pip.arg(&packages).arg(AUTOBAHN))
    })
}

fn install_schemathesis(folder: &Path) -> anyhow::Result<Outcome> {
    let packages = folder.join("schemathesis");
    install(&packages, SCHEMATHESIS, || {
        process::run(Command::new("python3").args(["-m", "venv"]).arg(&packages))?;
        let mut pip = Command::new(packages.join("bin/pip"));
        pip.args(["install", "--quiet", "--disable-pip-version-check", SCHEMATHESIS]);
        process::run(&mut pip)
    })
}

/// Installs a package once; its version is written beside it when that is done.
fn install(
    packages: &Path,
    version: &str,
    work: impl FnOnce() -> anyhow::Result<()>,
) -> anyhow::Result<Outcome> {
    let mark = packages.join(".version");
    if fs::read_to_string(&mark).is_ok_and(|installed| installed == version) {
        return Ok(Outcome::Unchanged);
    }
    files::empty(packages)?;
    work()?;
    files::write(&mark, version.as_bytes())?;
    Ok(Outcome::Done)
}

/// A Python 2.7 that starts: a shim on the PATH may have nothing behind it.
fn python2() -> anyhow::Result<PathBuf> {
    let named = std::env::var_os("PYTHON27").map(PathBuf::from);
    let on_path = ["python2.7", "python2"].into_iter().filter_map(host::find);
    let pyenv = std::env::var_os("HOME").map(|home| Path::new(&home).join(".pyenv/versions"));
    let versions = pyenv.and_then(|folder| fs::read_dir(folder).ok()).into_iter().flatten();
    let own = versions
        .filter_map(Result::ok)
        .filter(|version| version.file_name().to_string_lossy().starts_with("2.7"))
        .map(|version| version.path().join("bin/python2.7"));
    let starts = |python: &PathBuf| process::read(Command::new(python).arg("--version")).is_ok();
    named.into_iter().chain(on_path).chain(own).find(starts).context(
        "The WebSocket suite needs Python 2.7. Install one (`pyenv install 2.7.18`), or name it in \
         the variable PYTHON27.",
    )
}

fn websocket(project: &Project, folder: &Path) -> anyhow::Result<Outcome> {
    let echo = project.binary(false).with_file_name("conformance");
    let mut child = Command::new(echo).stdout(Stdio::piped()).spawn()?;
    let output = child.stdout.take().context("the echo server has no output")?;
    let _echo = Server(child);
    let mut address = String::new();
    BufReader::new(output).read_line(&mut address)?;

    let results = folder.join("websocket");
    files::empty(&results)?;
    let spec = json!({
        "outdir": results,
        "servers": [{ "agent": "maestro", "url": address.trim().trim_end_matches('/') }],
        "cases": ["*"],
        "exclude-cases": LEFT_OUT,
        "exclude-agent-cases": {},
    });
    let file = folder.join("websocket.json");
    files::write(&file, spec.to_string().as_bytes())?;
    let mut suite = Command::new(python2()?);
    // Packages in a folder of their own: only a site folder may hold several under one name.
    suite.arg("-c").arg(
        "import site, sys; site.addsitedir(sys.argv.pop(1)); \
         from autobahntestsuite.wstest import run; run()",
    );
    suite.arg(folder.join("autobahn")).args(["--mode", "fuzzingclient", "--spec"]).arg(&file);
    process::read(&mut suite)?;

    let index = results.join("index.json");
    let index = fs::read_to_string(&index)
        .with_context(|| format!("the suite left no {}", index.display()))?;
    let verdicts = Verdicts::read(&index)?;
    verdicts.print();
    if !verdicts.failed.is_empty() {
        let (failed, results) = (verdicts.failed.join(", "), results.display());
        bail!("these cases failed: {failed}; open index.html in {results}");
    }
    Ok(Outcome::Done)
}

/// What the WebSocket suite found.
#[derive(Debug, Default, PartialEq, Eq)]
struct Verdicts {
    /// Cases by chapter and verdict.
    counts: BTreeMap<(usize, String), usize>,
    failed: Vec<String>,
}

impl Verdicts {
    fn read(index: &str) -> anyhow::Result<Self> {
        let index: Value =
            serde_json::from_str(index).context("the suite's results are no JSON")?;
        let cases = index["maestro"].as_object().filter(|cases| !cases.is_empty());
        let mut verdicts = Self::default();
        for (case, result) in cases.context("the suite ran no case")? {
            let first = case.split('.').next();
            let chapter = CHAPTERS.iter().position(|(number, _)| Some(*number) == first);
            let chapter = chapter.with_context(|| format!("case {case} is of no known chapter"))?;
            let [behaviour, close] = ["behavior", "behaviorClose"].map(|key| &result[key]);
            let good = |verdict: &Value| {
                ["OK", "NON-STRICT", "INFORMATIONAL"].iter().any(|known| verdict == known)
            };
            let verdict = if good(behaviour) && good(close) { behaviour } else { &json!("FAILED") };
            if verdict == "FAILED" {
                verdicts.failed.push(case.clone());
            }
            let verdict = verdict.as_str().unwrap_or_default().to_owned();
            *verdicts.counts.entry((chapter, verdict)).or_default() += 1;
        }
        Ok(verdicts)
    }

    fn print(&self) {
        for ((chapter, verdict), count) in &self.counts {
            let (number, name) = CHAPTERS[*chapter];
            say(format!("    {number:>2} {name:<20} {verdict:<13} {count:>4}"));
        }
        say(format!("    {} cases", self.counts.values().sum::<usize>()));
    }
}

/// Twice: with ids that the suite makes up, and with those of agents that exist.
fn api(project: &Project, folder: &Path) -> anyhow::Result<Outcome> {
    // Short, since the path of a socket must be.
    let home = std::env::temp_dir().join(format!("mst{}", std::process::id()));
    fs::DirBuilder::new().mode(0o700).create(&home)?;
    let result = against_server(&project.binary(false), folder, &home);
    end_agents(&home);
    fs::remove_dir_all(&home)?;
    result.map(|()| Outcome::Done)
}

fn against_server(binary: &Path, folder: &Path, home: &Path) -> anyhow::Result<()> {
    let data = home.join("home");
    let mut server = Command::new(binary);
    server
        .arg("--home")
        .arg(&data)
        .args(["--port", "0"])
        .env("HOME", home)
        .env("MAESTRO_LOG", "warn");
    let mut child = server.stdout(Stdio::piped()).spawn()?;
    let output = child.stdout.take().context("the server has no output")?;
    let mut server = Server(child);
    // It greets when it serves, and ends its output when it cannot.
    let greeting = BufReader::new(output)
        .lines()
        .find(|line| line.as_ref().is_ok_and(|line| line.contains("serves http")));
    greeting.context("the server did not start; its own message is above")??;
    let address = fs::read_to_string(data.join("run/address"))?;
    let token = fs::read_to_string(data.join("run/cli-token"))?;

    let agent = |name: &str| {
        let mut create = Command::new(binary);
        create.arg("--home").arg(&data).args(["agent", "create", name, "--program", "cat"]);
        create.arg("--dir").arg(home).arg("--json");
        let answer: Value = serde_json::from_str(&process::read(&mut create)?)?;
        let id = answer["data"]["id"].as_str().context("the new agent has no id")?;
        Ok::<_, anyhow::Error>(id.to_owned())
    };
    let mut outcome = Ok(());
    for known in [None, Some([agent("kept")?, agent("trashed")?])] {
        let config = folder.join("schemathesis.toml");
        files::write(&config, settings(known.as_ref()).as_bytes())?;
        let mut suite = Command::new(folder.join("schemathesis/bin/schemathesis"));
        suite.arg("--config-file").arg(&config).arg("run");
        suite.arg(format!("http://{}/api/openapi.json", address.trim()));
        suite.args(["--checks", API_CHECKS, "--phases", "examples,coverage,fuzzing"]);
        suite.args(["--continue-on-failure", "--warnings", "off"]);
        // Not on the command line, which everybody on the machine can read.
        let passed = process::run(suite.env("MAESTRO_TOKEN", token.trim()).current_dir(folder));
        // The other half is worth its answer, too.
        outcome = outcome.and(passed);
        if let Some(status) = server.0.try_wait()? {
            bail!("the server ended with {status} under the suite");
        }
    }
    outcome
}

/// Agents live on without their server: here they end with it.
fn end_agents(home: &Path) {
    let (Some(program), socket) = (host::TMUX.path(), home.join("home/run/tmux-0.sock")) else {
        return;
    };
    if socket.exists() {
        // Ended already is what is wanted.
        let _gone = process::read(Command::new(program).arg("-S").arg(socket).arg("kill-server"));
    }
}

/// The API suite's configuration; `known` are agents to work with, the second to throw away.
fn settings(known: Option<&[String; 2]>) -> String {
    let general = r#"color = false
suppress-health-check = ["all"]
# One request of pairing is held for 25 seconds.
request-timeout = 40
headers = { Authorization = "Bearer ${MAESTRO_TOKEN}" }

[generation]
max-examples = 30
deterministic = true
database = "none"

[checks]
not_a_server_error = { expected-statuses = ["2xx", "3xx", "4xx", 503] }
"#;
    let own = known.into_iter().flat_map(|[kept, trashed]| {
        [("agents", kept.clone()), ("terminals", format!("{kept}-1")), ("trash", trashed.clone())]
    });
    let own = own.map(|(kind, id)| {
        format!(
            "\n[[operations]]\ninclude-path-regex = \"^/api/{kind}/.*id\"\n\
             parameters = {{ \"path.id\" = \"{id}\" }}\n"
        )
    });
    std::iter::once(general.to_owned()).chain(own).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_are_counted_by_chapter_and_a_bad_close_is_a_failure() {
        let index = json!({ "maestro": {
            "1.1.1": { "behavior": "OK", "behaviorClose": "OK" },
            "1.1.2": { "behavior": "OK", "behaviorClose": "OK" },
            "6.4.3": { "behavior": "NON-STRICT", "behaviorClose": "OK" },
            "7.1.1": { "behavior": "OK", "behaviorClose": "UNCLEAN" },
            "10.1.1": { "behavior": "FAILED", "behaviorClose": "OK" },
        } });
        let verdicts = Verdicts::read(&index.to_string()).unwrap();
        assert_eq!(verdicts.failed, ["10.1.1", "7.1.1"]);
        assert_eq!(verdicts.counts[&(0, "OK".into())], 2);
        assert_eq!(verdicts.counts[&(5, "NON-STRICT".into())], 1);
        assert_eq!(verdicts.counts[&(6, "FAILED".into())], 1);
    }

    #[test]
    fn a_suite_that_ran_nothing_has_not_passed() {
        for index in ["{}", r#"{"maestro":{}}"#, "no JSON"] {
            assert!(Verdicts::read(index).is_err(), "{index}");
        }
    }
}
