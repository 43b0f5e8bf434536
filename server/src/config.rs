//! Settings: command-line flag before environment variable before `config.toml` before default.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::http::listen::{ListenAddress, ListenFlags, ListenKeys, ListenSettings, TlsSource};

/// Port of the default profile.
pub const DEFAULT_PORT: u16 = 23_000;
/// Other profiles get a stable port in the 900 above the default's first hundred.
const PROFILE_PORTS: std::ops::Range<u16> = 23_100..24_000;

/// The commented file that a first start leaves behind: every key with its default.
pub const TEMPLATE: &str = include_str!("config.toml");

/// Keys of `config.toml`; each has an environment variable `MAESTRO_…` of the same name.
#[derive(Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
struct File {
    port: Option<u16>,
    listen: Option<ListenAddress>,
    tls: Option<TlsSource>,
    tls_cert: Option<PathBuf>,
    tls_key: Option<PathBuf>,
    behind_proxy: Option<bool>,
    proxies: Option<Vec<IpAddr>>,
    names: Option<Vec<String>>,
    log: Option<String>,
    log_format: Option<LogFormat>,
    tmux: Option<PathBuf>,
    audit_heads: Option<PathBuf>,
}

/// How the log is written to standard error.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object per line.
    Json,
}

/// What the command line says; `None` where it says nothing.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Flags {
    /// Data folder [default: ~/.maestro] [env: MAESTRO_HOME]
    #[arg(long, global = true, value_name = "FOLDER")]
    pub home: Option<PathBuf>,
    /// Separate instance with its own folder and port [env: MAESTRO_PROFILE]
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
    /// Port on 127.0.0.1 and ::1 [default: 23000] [env: MAESTRO_PORT]
    #[arg(long, global = true, value_name = "PORT")]
    pub port: Option<u16>,
    /// Listening for other devices.
    #[command(flatten)]
    pub beyond: ListenFlags,
}

/// Everything that can be set, decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Data folder.
    pub home: PathBuf,
    /// Profile, if not the default one.
    pub profile: Option<String>,
    /// Port; 0 lets the system choose.
    pub port: u16,
    /// Listening for other devices, not yet judged.
    pub beyond: ListenSettings,
    /// Log filter, such as `info` or `server=debug`.
    pub log: String,
    /// Log format.
    pub log_format: LogFormat,
    /// tmux program, a name on `PATH` or a path.
    pub tmux: PathBuf,
    /// Where signed heads of the audit trail are copied to, if not into the data folder.
    pub audit_heads: Option<PathBuf>,
}

/// A setting that cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The file is not what it should be.
    #[error("{path}: {problem}. Correct the file, or delete it to get the defaults back.")]
    File {
        /// Which file.
        path: PathBuf,
        /// Line and reason.
        problem: String,
    },
    /// An environment variable is not what it should be.
    #[error("{name}={value} cannot be used: {problem}. Correct or unset it.")]
    Variable {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
        /// What is wrong.
        problem: &'static str,
    },
    /// A misspelt environment variable would be ignored silently.
    #[error("The environment variable {0} is not known to Maestro. Known are: {KNOWN_LIST}.")]
    UnknownVariable(String),
    /// A profile's name becomes part of a folder's name.
    #[error(
        "The profile “{0}” is not a good name. Use 1 to 32 lower-case letters, digits or hyphens."
    )]
    Profile(String),
    /// No home folder.
    #[error("Maestro does not know your home folder. Set HOME, or give --home FOLDER.")]
    NoHome,
}

const VARIABLES: [&str; 14] = [
    "MAESTRO_HOME",
    "MAESTRO_PROFILE",
    "MAESTRO_PORT",
    "MAESTRO_LISTEN",
    "MAESTRO_TLS",
    "MAESTRO_TLS_CERT",
    "MAESTRO_TLS_KEY",
    "MAESTRO_BEHIND_PROXY",
    "MAESTRO_PROXIES",
    "MAESTRO_NAMES",
    "MAESTRO_LOG",
    "MAESTRO_LOG_FORMAT",
    "MAESTRO_TMUX",
    "MAESTRO_AUDIT_HEADS",
];
const KNOWN_LIST: &str = "MAESTRO_HOME, MAESTRO_PROFILE, MAESTRO_PORT, MAESTRO_LISTEN, MAESTRO_TLS, \
    MAESTRO_TLS_CERT, MAESTRO_TLS_KEY, MAESTRO_BEHIND_PROXY, MAESTRO_PROXIES, MAESTRO_NAMES, \
    MAESTRO_LOG, MAESTRO_LOG_FORMAT, MAESTRO_TMUX, MAESTRO_AUDIT_HEADS";
/// Set inside agents' terminals, or for the command line: no settings of the server.
const IN_AGENTS: [&str; 6] = [
    "MAESTRO_AGENT_ID",
    "MAESTRO_AGENT_NAME",
    "MAESTRO_TOKEN",
    "MAESTRO_TOKEN_FILE",
    "MAESTRO_ADDRESS",
    "MAESTRO_CA_FILE",
];

/// The environment, as far as it concerns Maestro.
pub type Environment = BTreeMap<String, String>;

/// `HOME` and every `MAESTRO_…` variable of this process.
pub fn environment() -> Environment {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
        .filter(|(name, _)| name == "HOME" || name.starts_with("MAESTRO_"))
        .map(|(name, value)| (name, value.to_string_lossy().into_owned()))
        .collect()
}

impl Settings {
    /// Decides all settings. Reads `config.toml` of the data folder if it is there.
    pub fn decide(flags: &Flags, environment: &Environment) -> Result<Self, ConfigError> {
        let unknown = environment.keys().find(|name| {
            name.starts_with("MAESTRO_")
                && !VARIABLES.contains(&name.as_str())
                && !IN_AGENTS.contains(&name.as_str())
        });
        if let Some(name) = unknown {
            return Err(ConfigError::UnknownVariable(name.clone()));
        }
        let variable = |name: &str| environment.get(name).cloned();
        let profile = flags.profile.clone().or_else(|| variable("MAESTRO_PROFILE"));
        if let Some(name) = &profile {
            check_profile(name)?;
        }
        let home = match flags.home.clone().or_else(|| variable("MAESTRO_HOME").map(PathBuf::from))
        {
            Some(home) => home,
            None => default_home(environment, profile.as_deref())?,
        };
        let file = read_file(&home.join("config.toml"))?;
        let port = match (flags.port, variable("MAESTRO_PORT")) {
            (Some(port), _) => Some(port),
            (None, Some(text)) => Some(parsed("MAESTRO_PORT", text, "it is not a port number")?),
            (None, None) => file.port,
        };
        let log_format = match variable("MAESTRO_LOG_FORMAT").as_deref() {
            None => file.log_format,
            Some("text") => Some(LogFormat::Text),
            Some("json") => Some(LogFormat::Json),
            Some(value) => {
                return Err(ConfigError::Variable {
                    name: "MAESTRO_LOG_FORMAT".into(),
                    value: value.into(),
                    problem: "it is neither text nor json",
                });
            }
        };
        let from_file = file.audit_heads.map(|path| path.to_string_lossy().into_owned());
        let audit_heads = variable("MAESTRO_AUDIT_HEADS").or(from_file);
        if let Some(path) = audit_heads.as_ref().filter(|path| !path.starts_with('/')) {
            return Err(ConfigError::Variable {
                name: "audit_heads".into(),
                value: path.clone(),
                problem: "it is not an absolute path",
            });
        }
        let keys = ListenKeys {
            listen: file.listen,
            tls: file.tls,
            tls_cert: file.tls_cert,
            tls_key: file.tls_key,
            behind_proxy: file.behind_proxy,
            proxies: file.proxies,
            names: file.names,
        };
        Ok(Self {
            beyond: ListenSettings::decide(&flags.beyond, &variable, keys)?,
            port: port.unwrap_or_else(|| default_port(profile.as_deref())),
            log: variable("MAESTRO_LOG").or(file.log).unwrap_or_else(|| "info".into()),
            log_format: log_format.unwrap_or_default(),
            tmux: variable("MAESTRO_TMUX")
                .map(PathBuf::from)
                .or(file.tmux)
                .unwrap_or_else(|| "tmux".into()),
            audit_heads: audit_heads.map(PathBuf::from),
            home,
            profile,
        })
    }
}

fn parsed<T: std::str::FromStr>(
    name: &str,
    value: String,
    problem: &'static str,
) -> Result<T, ConfigError> {
    value.parse().map_err(|_unusable| ConfigError::Variable { name: name.into(), value, problem })
}

fn check_profile(name: &str) -> Result<(), ConfigError> {
    let good = (1..=32).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if good { Ok(()) } else { Err(ConfigError::Profile(name.into())) }
}

fn default_home(environment: &Environment, profile: Option<&str>) -> Result<PathBuf, ConfigError> {
    let user_home = environment.get("HOME").filter(|home| !home.is_empty());
    let user_home = Path::new(user_home.ok_or(ConfigError::NoHome)?);
    Ok(user_home.join(profile.map_or(".maestro".into(), |name| format!(".maestro-{name}"))))
}

fn default_port(profile: Option<&str>) -> u16 {
    let Some(name) = profile else { return DEFAULT_PORT };
    // FNV-1a: stable over versions, so that a profile's address can be bookmarked.
    let hash = name
        .bytes()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let offset = hash % u32::from(PROFILE_PORTS.end - PROFILE_PORTS.start);
    PROFILE_PORTS.start + u16::try_from(offset).unwrap_or_default()
}

fn read_file(path: &Path) -> Result<File, ConfigError> {
    let problem = |problem: String| ConfigError::File { path: path.to_owned(), problem };
    match std::fs::read_to_string(path) {
        Ok(text) => toml::from_str(&text).map_err(|error| problem(in_one_line(&text, &error))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(File::default()),
        Err(error) => Err(problem(error.to_string())),
    }
}

fn in_one_line(text: &str, error: &toml::de::Error) -> String {
    let message = error.message().replace('\n', " ");
    match error.span() {
        Some(span) => {
            let line = text[..span.start.min(text.len())].matches('\n').count() + 1;
            format!("line {line}: {message}")
        }
        None => message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decide(
        file: &str,
        environment: &[(&str, &str)],
        flags: Flags,
    ) -> Result<Settings, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("config.toml"), file).unwrap();
        let environment =
            environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let home = Some(folder.path().to_owned());
        Settings::decide(&Flags { home, ..flags }, &environment).map_err(|error| match error {
            ConfigError::File { problem, .. } => {
                ConfigError::File { path: "config.toml".into(), problem }
            }
            other => other,
        })
    }

    #[test]
    fn flag_beats_variable_beats_file_beats_default() {
        let flags = |port| Flags { port, ..Flags::default() };
        let port = |file, environment: &[(&str, &str)], flag| {
            decide(file, environment, flags(flag)).unwrap().port
        };
        assert_eq!(port("", &[], None), DEFAULT_PORT);
        assert_eq!(port("port = 1", &[], None), 1);
        assert_eq!(port("port = 1", &[("MAESTRO_PORT", "2")], None), 2);
        assert_eq!(port("port = 1", &[("MAESTRO_PORT", "2")], Some(3)), 3);
    }

    #[test]
    fn the_template_is_valid_and_sets_nothing() {
        let template = decide(TEMPLATE, &[], Flags::default()).unwrap();
        let empty = decide("", &[], Flags::default()).unwrap();
        assert_eq!(Settings { home: empty.home.clone(), ..template }, empty);
    }

    #[test]
    fn mistakes_are_named_with_what_to_do() {
        fn check(file: &str, environment: &[(&str, &str)], sentence: &str) {
            let error = decide(file, environment, Flags::default()).unwrap_err();
            assert_eq!(error.to_string(), sentence);
        }
        let end = "Correct the file, or delete it to get the defaults back.";
        check(
            "\nprot = 1",
            &[],
            &format!(
                "config.toml: line 2: unknown field `prot`, expected one of `port`, \
                 `listen`, `tls`, `tls_cert`, `tls_key`, `behind_proxy`, `proxies`, `names`, `log`, \
                 `log_format`, `tmux`, `audit_heads`. {end}"
            ),
        );
        check(
            "port = 99999",
            &[],
            &format!("config.toml: line 1: invalid value: integer `99999`, expected u16. {end}"),
        );
        check(
            "listen = \"home\"",
            &[],
            &format!(
                "config.toml: line 1: it is not an IP address with or without a port, such as \
                 192.168.1.5 or [::]:23443. {end}"
            ),
        );
        check(
            "audit_heads = \"heads.jsonl\"",
            &[],
            "audit_heads=heads.jsonl cannot be used: it is not an absolute path. Correct or unset \
             it.",
        );
        check(
            "",
            &[("MAESTRO_PORT", "many")],
            "MAESTRO_PORT=many cannot be used: it is not a port number. Correct or unset it.",
        );
        check(
            "",
            &[("MAESTRO_PROT", "1")],
            "The environment variable MAESTRO_PROT is not known to Maestro. Known are: \
             MAESTRO_HOME, MAESTRO_PROFILE, MAESTRO_PORT, MAESTRO_LISTEN, MAESTRO_TLS, \
             MAESTRO_TLS_CERT, MAESTRO_TLS_KEY, MAESTRO_BEHIND_PROXY, MAESTRO_PROXIES, MAESTRO_NAMES, \
             MAESTRO_LOG, MAESTRO_LOG_FORMAT, MAESTRO_TMUX, MAESTRO_AUDIT_HEADS.",
        );
        check(
            "",
            &[("MAESTRO_PROFILE", "../up")],
            "The profile “../up” is not a good name. Use 1 to 32 lower-case letters, digits or \
             hyphens.",
        );
    }

    #[test]
    fn keys_for_other_devices_are_read_and_the_command_line_wins() {
        let file = "listen = \"10.0.0.1:1\"\ntls = \"files\"\ntls_cert = \"/c\"\ntls_key = \"/k\"\n\
                    behind_proxy = false\nproxies = [\"10.0.0.2\"]\nnames = [\"a.test\"]\n";
        let beyond = decide(file, &[], Flags::default()).unwrap().beyond;
        assert_eq!(beyond.listen.unwrap().to_string(), "10.0.0.1:1");
        assert_eq!(beyond.tls, Some(TlsSource::Files));
        assert_eq!((beyond.tls_cert, beyond.tls_key), (Some("/c".into()), Some("/k".into())));
        assert_eq!(beyond.names, ["a.test"]);
        assert_eq!(beyond.proxies, ["10.0.0.2".parse::<IpAddr>().unwrap()]);
        let flags = ListenFlags { tls: Some(TlsSource::Own), ..ListenFlags::default() };
        let flags = Flags { beyond: flags, ..Flags::default() };
        assert_eq!(decide(file, &[], flags).unwrap().beyond.tls, Some(TlsSource::Own));
    }

    #[test]
    fn a_profile_has_its_own_folder_and_port() {
        let environment = Environment::from([("HOME".into(), "/home/ada".into())]);
        let of = |profile: Option<&str>| {
            let flags = Flags { profile: profile.map(Into::into), ..Flags::default() };
            Settings::decide(&flags, &environment).unwrap()
        };
        assert_eq!(of(None).home, Path::new("/home/ada/.maestro"));
        assert_eq!(of(Some("staging")).home, Path::new("/home/ada/.maestro-staging"));
        assert_eq!(of(Some("staging")).port, of(Some("staging")).port);
        assert!(PROFILE_PORTS.contains(&of(Some("staging")).port));
    }
}
