//! Agents: the list, one of them, and what was done to one.

use protocol::agents::{Agent, AgentState, Colour, EnvReference, EnvSource};

use super::moment::utc;
use super::table::{fields, table};
use super::{Report, quoted, visible};

/// What was done to an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    /// It was made.
    Created,
    /// Its session was started or ended.
    Changed,
    /// It went to the trash.
    Trashed,
    /// It was deleted for good.
    Purged,
}

impl Deed {
    /// Says so in one line.
    pub(super) fn told(self, agent: &Agent) -> String {
        let name = quoted(&agent.settings.name);
        let state = phrase(agent.state);
        match self {
            Self::Created => format!("Created agent {name}: {state}.\n"),
            Self::Changed => format!("Agent {name}: {state}.\n"),
            Self::Trashed => format!("Moved agent {name} to the trash.\n"),
            Self::Purged => format!("Deleted agent {name} for good.\n"),
        }
    }
}

/// All agents, or those that were asked for.
pub(crate) fn list(agents: &[Agent], narrowed: bool) -> Report {
    let text = if !agents.is_empty() {
        rows(agents)
    } else if narrowed {
        "No agent matches. `maestro agent list` shows all.\n".to_owned()
    } else {
        "No agents yet. `maestro agent create --help` says how to make one.\n".to_owned()
    };
    Report::new(agents, text)
}

/// One agent.
pub(crate) fn one(agent: &Agent) -> Report {
    Report::new(agent, details(agent))
}

/// What was done to one agent.
pub(crate) fn done(deed: Deed, agent: &Agent) -> Report {
    Report::new(agent, deed.told(agent))
}

/// One agent went to the trash.
pub(crate) fn trashed(agent: &Agent) -> Report {
    let data = serde_json::json!({ "id": agent.id, "trashed": true });
    Report::new(data, Deed::Trashed.told(agent))
        .remark(format!("`maestro trash restore {}` brings it back.", super::typeable(agent)))
}

/// One agent's settings were changed, from those of `before`.
pub(crate) fn edited(before: &Agent, agent: &Agent) -> Report {
    let changes = before.settings.changes_to(&agent.settings);
    let fields: Vec<&str> = changes.iter().map(|change| change.field.as_str()).collect();
    let name = quoted(&agent.settings.name);
    let version = agent.version;
    let text = if fields.is_empty() {
        format!("Agent {name} has these settings already (version {version}).\n")
    } else {
        format!("Changed {} of agent {name} (version {version}).\n", fields.join(", "))
    };
    let report = Report::new(agent, text);
    if agent.state.is_running() && fields.iter().any(|field| read_at_start(field)) {
        report.remark(later(agent))
    } else {
        report
    }
}

/// One agent has a new name.
pub(crate) fn renamed(before: &Agent, agent: &Agent) -> Report {
    let (old, new) = (quoted(&before.settings.name), quoted(&agent.settings.name));
    Report::new(agent, format!("Agent {old} is called {new} now.\n"))
}

/// One agent has earlier settings again.
pub(crate) fn rolled_back(agent: &Agent, to: u32) -> Report {
    let name = quoted(&agent.settings.name);
    let version = agent.version;
    let text =
        format!("Agent {name} has the settings of version {to} again, as version {version}.\n");
    let report = Report::new(agent, text);
    if agent.state.is_running() { report.remark(later(agent)) } else { report }
}

/// Whether a program gets this field when it is started.
fn read_at_start(field: &str) -> bool {
    ["args", "env", "folder", "persona", "program"].contains(&field)
}

fn later(agent: &Agent) -> String {
    format!(
        "Its program goes on with the old settings until `maestro agent restart {}`.",
        super::typeable(agent)
    )
}

fn rows(agents: &[Agent]) -> String {
    let row = |agent: &Agent| {
        [
            visible(&agent.settings.name),
            agent.state.word().to_owned(),
            visible(&agent.settings.program),
            visible(&agent.settings.folder),
        ]
    };
    table(["NAME", "STATE", "PROGRAM", "FOLDER"], agents.iter().map(row).collect())
}

/// What is set; what is not is left out.
fn details(agent: &Agent) -> String {
    let settings = &agent.settings;
    let mut lines = vec![("id", agent.id.to_string()), ("name", visible(&settings.name))];
    let optional = [("label", &settings.label), ("avatar", &settings.avatar)];
    lines.extend(
        optional
            .iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(key, text)| (*key, visible(text))),
    );
    lines.push(("state", phrase(agent.state)));
    lines.push(("program", visible(&settings.program)));
    // One line each: arguments hold blanks, and joining them would hide where one ends.
    lines.extend(settings.args.iter().map(|arg| ("argument", visible(arg))));
    lines.push(("folder", visible(&settings.folder)));
    lines.extend(settings.env.iter().map(|reference| ("variable", variable(reference))));
    lines.extend(settings.persona.lines().map(|line| ("persona", visible(line))));
    lines.extend(settings.note.lines().map(|line| ("note", visible(line))));
    lines.extend(settings.tags.iter().map(|tag| ("tag", visible(tag))));
    if settings.colour != Colour::Group {
        lines.push(("colour", settings.colour.name().to_owned()));
    }
    let flags = [("favourite", settings.favourite), ("autostart", settings.autostart)];
    lines.extend(flags.iter().filter(|(_, set)| *set).map(|(key, _)| (*key, "yes".to_owned())));
    lines.extend(agent.terminals.iter().map(|terminal| {
        let (number, name) = (terminal.number, quoted(&terminal.name));
        ("terminal", format!("{number} {name}: {}", phrase(terminal.state)))
    }));
    lines.push(("version", agent.version.to_string()));
    lines.push(("created", utc(agent.created_at_ms)));
    fields(&lines)
}

fn variable(reference: &EnvReference) -> String {
    let name = visible(&reference.name);
    match &reference.source {
        EnvSource::Variable(variable) => format!("{name} = ${}", visible(variable)),
        EnvSource::File(path) => format!("{name} = content of {}", visible(path)),
    }
}

/// The state's word, with the exit code where that says more.
pub(super) fn phrase(state: AgentState) -> String {
    let word = state.word().to_lowercase();
    match state {
        AgentState::Exited { code: None, .. } => format!("{word}, ended by a signal"),
        AgentState::Exited { code: Some(code), .. } if code != 0 => {
            format!("{word} with exit code {code}")
        }
        _ => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exit_code_is_told_where_it_matters() {
        fn check(state: AgentState, expected: &str) {
            assert_eq!(phrase(state), expected);
        }
        check(AgentState::Hibernated, "hibernated");
        check(AgentState::Running { since_ms: 1 }, "running");
        check(AgentState::Exited { code: Some(0), at_ms: 1 }, "done");
        check(AgentState::Exited { code: Some(127), at_ms: 1 }, "failed with exit code 127");
        check(AgentState::Exited { code: None, at_ms: 1 }, "failed, ended by a signal");
        check(AgentState::Lost { at_ms: 1 }, "lost");
    }
}
