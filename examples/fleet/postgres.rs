//! A PostgreSQL server in a temporary folder.

use std::env;
use std::error::Error;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::fs::{chown, MetadataExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// PostgreSQL refuses to run as root, so it then runs as the user `nobody`.
const NOBODY: u32 = 65_534;

/// Runs a server until the standard input ends, which it does when this process does, however it does. The server then
/// ends as if it had crashed.
const UNTIL_END: &str = r#""$@" & pid=$!; cat; kill -QUIT "$pid"; wait "$pid""#;

/// The longest time that a start may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server that listens at a Unix socket only. It ends when this is dropped.
pub struct Postgres {
    programs: PathBuf,
    folder: TempDir,
    is_root: bool,
    server: Option<(Child, ChildStdin)>,
}

impl Postgres {
    /// Starts a server with an empty database `postgres`.
    pub fn start() -> Result<Self, Box<dyn Error>> {
        let programs = find_programs()?;
        let folder = tempfile::Builder::new().prefix("fleet").tempdir()?;
        let is_root = fs::metadata(folder.path())?.uid() == 0;
        if is_root {
            chown(folder.path(), Some(NOBODY), Some(NOBODY))?;
        }
        let mut postgres = Self {
            programs,
            folder,
            is_root,
            server: None,
        };
        let mut initdb = postgres.command(postgres.programs.join("initdb"));
        initdb.args([
            "--auth=trust",
            "--username=postgres",
            "--encoding=UTF8",
            "--no-locale",
        ]);
        let output = initdb.output()?;
        if !output.status.success() {
            let told = String::from_utf8_lossy(&output.stderr);
            return Err(format!("initdb failed: {told}").into());
        }
        postgres.start_again()?;
        Ok(postgres)
    }

    /// Returns the settings of a connection.
    pub fn settings(&self) -> String {
        format!(
            "host={} user=postgres dbname=postgres",
            self.folder.path().display()
        )
    }

    /// Starts a server that was killed, and waits until it takes connections.
    pub fn start_again(&mut self) -> io::Result<()> {
        let mut server = self.command("sh");
        let sockets = self.folder.path().display();
        server
            .args(["-c", UNTIL_END, "sh"])
            .arg(self.programs.join("postgres"))
            .args(["-c", "listen_addresses=", "-c"])
            .arg(format!("unix_socket_directories={sockets}"))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(fs::File::create(self.folder.path().join("log"))?);
        let mut server = server.spawn()?;
        let input = server.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let start = Instant::now();
        // The server writes this when it takes connections.
        let status = self.data().join("postmaster.pid");
        loop {
            let is_ready = fs::read_to_string(&status).is_ok_and(|text| text.contains("ready"));
            if is_ready {
                self.server = Some((server, input));
                return Ok(());
            }
            if server.try_wait()?.is_some() || start.elapsed() > PATIENCE {
                server.kill().ok();
                let log = fs::read_to_string(self.folder.path().join("log"))?;
                return Err(io::Error::other(format!("PostgreSQL didn't start: {log}")));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Ends the server as if it had crashed.
    pub fn kill(&mut self) -> io::Result<()> {
        if let Some((mut server, input)) = self.server.take() {
            drop(input);
            server.wait()?;
        }
        Ok(())
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env("PGDATA", self.data())
            .current_dir(self.folder.path());
        if self.is_root {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.kill().ok();
    }
}

/// Returns the folder with the programs of a server: one of `PATH`, or where Debian has them.
fn find_programs() -> Result<PathBuf, &'static str> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut folders = Vec::from_iter(env::split_paths(&path));
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let mut versions = Vec::from_iter(versions.filter_map(|it| Some(it.ok()?.path())));
    versions.sort_by_key(|it| it.file_name().and_then(OsStr::to_str)?.parse::<u32>().ok());
    folders.extend(
        versions
            .into_iter()
            .rev()
            .map(|version| version.join("bin")),
    );
    let has_all = |folder: &PathBuf| {
        ["initdb", "postgres"]
            .iter()
            .all(|it| is_file(&folder.join(it)))
    };
    let found = folders.into_iter().find(has_all);
    found.ok_or(
        "PostgreSQL isn't installed; install it, on Debian with `apt-get install postgresql`",
    )
}

fn is_file(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|it| it.is_file())
}
