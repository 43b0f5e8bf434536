//! What can be typed.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// The commands that talk to a running Maestro; the binary flattens them into its own.
#[derive(Clone, Debug, Subcommand)]
pub enum ClientCommand {
    /// Create, list, start, stop and delete agents
    Agent(AgentCommand),
    /// Print a link that logs a browser in: it works once, for ten minutes
    LoginLink(LoginLinkCommand),
}

impl ClientCommand {
    /// Whether the answer is for a program.
    pub fn json(&self) -> bool {
        match self {
            Self::Agent(command) => command.json,
            Self::LoginLink(command) => command.json,
        }
    }
}

/// `maestro agent …`
#[derive(Clone, Debug, Args)]
pub struct AgentCommand {
    /// Answer with one line of JSON: on stdout, errors on stderr
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub action: AgentAction,
}

/// `maestro login-link`
#[derive(Clone, Copy, Debug, Args)]
pub struct LoginLinkCommand {
    /// Answer with one line of JSON: on stdout, errors on stderr
    #[arg(long)]
    pub json: bool,
}

/// What to do with agents.
#[derive(Clone, Debug, Subcommand)]
pub enum AgentAction {
    /// Create an agent and start it
    Create(CreateArgs),
    /// List all agents
    List,
    /// Show one agent
    Show(AgentArg),
    /// Start an agent that is not running
    Start(AgentArg),
    /// Stop an agent; it keeps its place in the list
    Stop(AgentArg),
    /// Stop an agent and forget it
    Delete(DeleteArgs),
}

/// The agent that is meant.
#[derive(Clone, Debug, Args)]
pub struct AgentArg {
    /// Name or id of the agent
    #[arg(value_name = "NAME|ID")]
    pub agent: String,
}

/// A new agent.
#[derive(Clone, Debug, Args)]
pub struct CreateArgs {
    /// Name, unique on this host; the first two hyphens group it: team-project-task
    pub name: String,
    /// Program to run: a name on the PATH, or an absolute path
    #[arg(long)]
    pub program: String,
    /// Folder to run it in
    #[arg(long, value_name = "FOLDER")]
    pub dir: PathBuf,
    /// Free text
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub note: String,
    /// Do not start it yet
    #[arg(long)]
    pub no_start: bool,
    /// Arguments of the program, handed over one by one, never through a shell
    #[arg(last = true)]
    pub args: Vec<String>,
}

/// The agent to delete.
#[derive(Clone, Debug, Args)]
pub struct DeleteArgs {
    /// Name or id of the agent
    #[arg(value_name = "NAME|ID")]
    pub agent: String,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::*;

    #[derive(Debug, Parser)]
    struct Maestro {
        #[command(subcommand)]
        command: ClientCommand,
    }

    #[test]
    fn the_definition_is_sound() {
        Maestro::command().debug_assert();
    }

    #[test]
    fn arguments_after_two_hyphens_belong_to_the_program() {
        let line = "maestro agent create a --program sh --dir . -- -c --json --program";
        let typed = Maestro::try_parse_from(line.split(' ')).unwrap();
        assert!(!typed.command.json());
        let ClientCommand::Agent(AgentCommand { action: AgentAction::Create(create), .. }) =
            typed.command
        else {
            panic!("a create command");
        };
        assert_eq!(create.args, ["-c", "--json", "--program"]);
        assert_eq!(create.program, "sh");
    }

    #[test]
    fn json_goes_before_or_after_the_action() {
        for line in
            ["maestro agent --json list", "maestro agent list --json", "maestro login-link --json"]
        {
            let typed = Maestro::try_parse_from(line.split(' ')).unwrap();
            assert!(typed.command.json(), "{line}");
        }
    }

    #[test]
    fn what_is_missing_is_a_usage_error() {
        for line in ["maestro agent", "maestro agent create a", "maestro agent show"] {
            let error = Maestro::try_parse_from(line.split(' ')).unwrap_err();
            assert_eq!(error.exit_code(), i32::from(crate::Exit::Usage as u8), "{line}");
        }
    }
}
