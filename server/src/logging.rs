//! The log: structured, on standard error, never with secrets or terminal contents.

use tracing_subscriber::EnvFilter;

use crate::config::{ConfigError, LogFormat};

/// Installs the log for this process. A second call (in tests) changes nothing.
pub fn install(filter: &str, format: LogFormat) -> Result<(), ConfigError> {
    let filter = EnvFilter::builder().parse(filter).map_err(|_unusable| ConfigError::Variable {
        name: "log".into(),
        value: filter.into(),
        problem: "use a level such as info, or module=level pairs separated by commas",
    })?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let _already_installed = match format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    Ok(())
}
