//! `--env NAME=SOURCE`: where the value of a variable comes from, never the value itself.
//!
//! What was typed may hold a secret by mistake, so no sentence here repeats it.

use std::path::Path;

use protocol::agents::{EnvReference, EnvSource};

use super::paths;
use crate::exit::Refusal;

const HOW: &str = "Write --env 'NAME=$VARIABLE' for a variable of Maestro's own environment, in \
                   single quotes so that the shell leaves the “$”, or --env NAME=@/path for the \
                   content of a file that only you can read.";

/// The references that were typed, in their order; relative files start from the working folder.
pub(super) fn references(
    typed: &[String],
    working_folder: &Path,
) -> Result<Vec<EnvReference>, Refusal> {
    typed.iter().map(|typed| reference(typed, working_folder)).collect()
}

fn reference(typed: &str, working_folder: &Path) -> Result<EnvReference, Refusal> {
    let wrong = |what: &str| Refusal::usage("env", format!("{what} {HOW}"));
    let Some((name, source)) = typed.split_once('=') else {
        return Err(wrong("A variable was given without “=” and where its value comes from."));
    };
    if !is_name(name) {
        return Err(wrong(
            "The name of a variable has letters, digits and “_” and does not start with a digit.",
        ));
    }
    let source = if let Some(variable) = source.strip_prefix('$') {
        if !is_name(variable) {
            return Err(wrong(&format!("What follows {name}=$ is not the name of a variable.")));
        }
        EnvSource::Variable(variable.to_owned())
    } else if let Some(file) = source.strip_prefix('@') {
        if file.is_empty() {
            return Err(wrong(&format!("No file is named after {name}=@.")));
        }
        EnvSource::File(paths::absolute(Path::new(file), working_folder, "env")?)
    } else {
        return Err(wrong(&format!(
            "{name} was given a plain value. Values are never stored, only where they come from: \
             they are looked up at each start."
        )));
    };
    Ok(EnvReference { name: name.to_owned(), source })
}

fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_names_a_variable_or_a_file() {
        fn check(typed: &str, name: &str, source: EnvSource) {
            let expected = EnvReference { name: name.into(), source };
            assert_eq!(reference(typed, Path::new("/home/ada")), Ok(expected), "{typed}");
        }
        check("A=$B", "A", EnvSource::Variable("B".into()));
        check("_a1=$API_KEY", "_a1", EnvSource::Variable("API_KEY".into()));
        check("K=@/run/k", "K", EnvSource::File("/run/k".into()));
        check("K=@~/k=1", "K", EnvSource::File("~/k=1".into()));
        check("K=@k", "K", EnvSource::File("/home/ada/k".into()));
    }

    #[test]
    fn nothing_that_may_be_a_secret_is_taken_or_repeated() {
        fn check(typed: &str, sentence: &str) {
            let refusal = reference(typed, Path::new("/")).unwrap_err();
            assert_eq!(refusal.error.message, format!("{sentence} {HOW}"), "{typed}");
            assert_eq!(refusal.exit, crate::Exit::Usage);
            assert!(!refusal.error.message.contains("s3cret"));
        }
        let plain = "A was given a plain value. Values are never stored, only where they come \
                     from: they are looked up at each start.";
        check("A=s3cret", plain);
        check("A=", plain);
        check("A=$s3cret-x", "What follows A=$ is not the name of a variable.");
        check("A=$", "What follows A=$ is not the name of a variable.");
        check("A=@", "No file is named after A=@.");
        check("s3cret", "A variable was given without “=” and where its value comes from.");
        let name = "The name of a variable has letters, digits and “_” and does not start with a \
                    digit.";
        check("s3cret-x=$A", name);
        check("=$A", name);
        check("1A=$A", name);
    }
}
