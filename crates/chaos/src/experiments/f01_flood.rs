//! F1: the server is killed while agents write; not one line is missing afterwards.

use std::time::Duration;

use protocol::agents::Agent;

use crate::Outcome;
use crate::experiment::{Verdict, ensure};
use crate::lab::Lab;
use crate::table::ms;
use crate::world::{World, wait};

/// A thousand lines each second and pane: 20 panes leave a processor for the server.
const SCRIPT: &str = "i=0; while :; do i=$((i+1)); echo \"line $i\"; \
                      [ $((i % 200)) = 0 ] && sleep 0.2; done";
/// What the terminals keep.
const LINES: u32 = 5_000;
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) async fn run(lab: &mut Lab) -> Outcome<Verdict> {
    let (panes, kills) = lab.size((5, 2), (20, 5));
    let mut world = lab.served().await?;
    let mut agents = Vec::new();
    for number in 0..panes {
        agents.push(world.script(&format!("flood {number}"), SCRIPT).await?);
    }
    let before = world.panes().pids().await?;
    ensure(before.len() == panes, || format!("{} of {panes} panes run", before.len()))?;
    let (mut checked, mut worst) = (0, Duration::ZERO);
    for _ in 0..kills {
        let mut seen = Vec::new();
        for agent in &agents {
            seen.push(above(&world, agent, 200).await?);
        }
        wait::pass(lab.dice.within(Duration::from_secs(1))).await;
        world.kill().await?;
        // Lines that are written while nobody listens.
        wait::pass(Duration::from_millis(500)).await;
        worst = worst.max(world.up().await?);
        let after = world.panes().pids().await?;
        ensure(after == before, || format!("other processes run: {before:?}, now {after:?}"))?;
        for (agent, seen) in agents.iter().zip(seen) {
            above(&world, agent, seen).await?;
            checked += consecutive(&world.output(&agent.id, LINES).await?)?;
        }
    }
    let ready = ms(worst);
    Ok(Verdict::held(
        panes * kills,
        format!("0 gaps in {checked} lines; ready after at most {ready}"),
    ))
}

/// Waits for a number above this one; the last number then.
async fn above(world: &World, agent: &Agent, seen: u64) -> Outcome<u64> {
    let mut last = 0;
    let name = &agent.settings.name;
    let what = format!("{name} goes on after line {seen}");
    wait::asking(&what, PATIENCE, async || {
        let rows = world.output(&agent.id, 50).await?;
        last = rows.iter().filter_map(|row| number(row)).max().unwrap_or_default();
        Ok(last > seen)
    })
    .await?;
    Ok(last)
}

fn number(row: &str) -> Option<u64> {
    row.strip_prefix("line ")?.parse().ok()
}

/// How many lines follow each other without a gap. The last row may be half written.
fn consecutive(rows: &[String]) -> Outcome<usize> {
    let whole = &rows[..rows.len().saturating_sub(1)];
    let mut expected = None;
    for row in whole {
        let number = number(row).ok_or_else(|| format!("“{row}” is no line of the flood"))?;
        let right = expected.is_none_or(|expected| expected == number);
        ensure(right, || format!("after line {:?} comes line {number}", expected.map(|n| n - 1)))?;
        expected = Some(number + 1);
    }
    ensure(!whole.is_empty(), || "no output".into())?;
    Ok(whole.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_and_doubles_are_found() {
        let rows = |numbers: &[u64]| -> Vec<String> {
            numbers.iter().map(|number| format!("line {number}")).collect()
        };
        assert_eq!(consecutive(&rows(&[4, 5, 6, 7])).unwrap(), 3);
        assert!(consecutive(&rows(&[4, 6, 7])).is_err());
        assert!(consecutive(&rows(&[4, 4, 5])).is_err());
        assert!(consecutive(&[]).is_err());
    }
}
