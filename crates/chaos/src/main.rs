//! Breaks Maestro on purpose and looks whether it keeps its promises.
//!
//! Usage: `chaos PATH-TO-MAESTRO [F1 F22 …] [--quick] [--seed N] [--times N]`. Every experiment
//! has a Maestro of its own in a temporary folder, with its own port and its own tmux, and an
//! oracle that can fail. The run prints one row for each and ends with 1 when any failed. All
//! that is random comes from the seed, which is printed.

mod command;
mod content;
mod dice;
mod experiment;
mod experiments;
mod lab;
mod table;
mod world;

use std::error::Error;
use std::process::ExitCode;
use std::time::Instant;

use command::{Command, Plan};
use experiment::{Experiment, Verdict};
use lab::Lab;
use table::Table;
use world::process;

/// Anything that can go wrong is a sentence in the table.
type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> ExitCode {
    match Command::read(std::env::args_os().skip(1)) {
        Ok(Command::Run(plan)) => run(&plan).await,
        Ok(Command::Open(database)) => match experiments::f25_migration::open(&database).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => table::complain(&error.to_string()),
        },
        Err(error) => table::complain(&error.to_string()),
    }
}

async fn run(plan: &Plan) -> ExitCode {
    let mut table = Table::start(plan.seed);
    for experiment in experiments::ALL.iter().filter(|experiment| plan.wants(experiment)) {
        for turn in 0..plan.times {
            Table::announce(experiment);
            let began = Instant::now();
            let verdict = one(plan, experiment, turn).await;
            table.add(experiment, verdict, began.elapsed());
        }
    }
    table.print()
}

/// One experiment in a folder of its own. What it started has ended when this returns.
async fn one(plan: &Plan, experiment: &Experiment, turn: u32) -> Outcome<Verdict> {
    if !process::are_known() {
        let reason = "processes are found through /proc, which this system lacks";
        return Ok(Verdict::impossible(reason));
    }
    let mut lab = Lab::open(plan, experiment.id, turn)?;
    let verdict = (experiment.run)(&mut lab).await;
    let verdict = verdict.map_err(|error| lab.with_log(error));
    let swept = lab.sweep().await;
    let verdict = verdict?;
    swept.map(|()| verdict)
}
