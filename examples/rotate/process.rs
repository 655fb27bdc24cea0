//! The service as a process of its own, which can be killed.

use std::io;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::UNIX_EPOCH;

use super::fast_time::FastTime;

/// Makes the command that starts this program as the service.
pub type NewCommand = fn() -> io::Result<Command>;

/// The variable with the start of the fast time, in milliseconds since the Unix epoch.
pub const BEGAN: &str = "EXAMPLE_BEGAN";

pub struct Process {
    command: NewCommand,
    variables: Vec<(&'static str, String)>,
    child: Option<Child>,
}

impl Process {
    pub fn new(
        command: NewCommand,
        mut variables: Vec<(&'static str, String)>,
        time: FastTime,
    ) -> Self {
        let began = time.began().duration_since(UNIX_EPOCH).unwrap_or_default();
        variables.push((BEGAN, began.as_millis().to_string()));
        Self {
            command,
            variables,
            child: None,
        }
    }

    /// Starts the service. It ends with this process, because its standard input does.
    pub fn start(&mut self) -> io::Result<()> {
        let mut command = (self.command)()?;
        command.envs(self.variables.iter().cloned());
        self.child = Some(command.stdin(Stdio::piped()).spawn()?);
        Ok(())
    }

    /// Returns how the service ended, if it did so by itself.
    pub fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        match &mut self.child {
            Some(child) => child.try_wait(),
            None => Ok(None),
        }
    }

    /// Kills the service, which can't do anything about it: SIGKILL on Unix.
    pub fn kill(&mut self) -> io::Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill().ok();
    }
}
