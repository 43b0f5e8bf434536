//! What can be typed after `chaos`.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::Outcome;
use crate::dice::Dice;
use crate::experiment::Experiment;
use crate::experiments;

const USAGE: &str = "Usage: chaos PATH-TO-MAESTRO [F1 F22 …] [--quick] [--seed N] [--times N]. Build it with \
     `make build`.";
/// The quick set is part of the gate: a failure there must come again.
const FIXED_SEED: u64 = 7;

/// What to do.
pub(crate) enum Command {
    /// Experiments.
    Run(Plan),
    /// Open this database, and be killed while doing so.
    Open(PathBuf),
}

/// Which experiments, and how.
pub(crate) struct Plan {
    /// The server.
    pub(crate) binary: PathBuf,
    /// The short set with small numbers.
    pub(crate) quick: bool,
    /// Where all randomness comes from.
    pub(crate) seed: u64,
    /// How often each.
    pub(crate) times: u32,
    /// Ids; empty = all of the set.
    named: Vec<String>,
}

impl Command {
    /// Reads the words after the program's name.
    pub(crate) fn read(words: impl Iterator<Item = OsString>) -> Outcome<Self> {
        let mut words = words.map(|word| word.to_string_lossy().into_owned());
        let first = words.next().ok_or(USAGE)?;
        if first == "open" {
            return Ok(Self::Open(words.next().ok_or(USAGE)?.into()));
        }
        let binary = PathBuf::from(first);
        let (mut quick, mut seed, mut times, mut named) = (false, None, 1, Vec::new());
        while let Some(word) = words.next() {
            match word.as_str() {
                "--quick" => quick = true,
                "--seed" => seed = Some(number(words.next())?),
                "--times" => times = u32::try_from(number(words.next())?)?,
                id if experiments::ALL.iter().any(|experiment| experiment.id == id) => {
                    named.push(word);
                }
                other => {
                    let known: Vec<&str> = experiments::ALL.iter().map(|one| one.id).collect();
                    let known = known.join(" ");
                    return Err(format!("“{other}” is not known. There are: {known}.").into());
                }
            }
        }
        if !binary.is_file() {
            return Err(format!("There is no {}. {USAGE}", binary.display()).into());
        }
        let binary = binary.canonicalize()?;
        let seed = seed.unwrap_or(if quick { FIXED_SEED } else { Dice::any_seed() });
        Ok(Self::Run(Plan { binary, quick, seed, times, named }))
    }
}

impl Plan {
    /// Whether this one is part of it.
    pub(crate) fn wants(&self, experiment: &Experiment) -> bool {
        if self.named.is_empty() {
            return experiment.quick || !self.quick;
        }
        self.named.iter().any(|id| id == experiment.id)
    }
}

fn number(word: Option<String>) -> Outcome<u64> {
    let word = word.ok_or(USAGE)?;
    word.parse().map_err(|_| format!("“{word}” is not a number. {USAGE}").into())
}
