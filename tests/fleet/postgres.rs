//! A real PostgreSQL server, and databases in it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{chown, MetadataExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{mpsc, OnceLock};
use std::thread;

use tempfile::TempDir;
use tokio_postgres::{Client, Config, NoTls};

const MISSING: &str =
    "these tests need PostgreSQL: install it, on Debian with `apt-get install postgresql`";

/// The user `nobody`, and its group.
const NOBODY: u32 = 65534;

/// Executes a program until the standard input ends, which it does when the test ends, however it ends.
///
/// PostgreSQL ends at once by the first signal, and PgBouncer by the second one.
const UNTIL_END: &str = r#""$@" & pid=$!; cat; kill -QUIT "$pid"; kill -TERM "$pid"; wait "$pid""#;

/// A server. It ends when this is dropped.
pub struct Server {
    folder: TempDir,
    /// PostgreSQL refuses to run as root.
    is_root: bool,
    port: u16,
    settings: Vec<String>,
    variables: Vec<(String, String)>,
    running: Option<(Child, ChildStdin)>,
}

impl Server {
    /// Starts a server with these settings, such as `fsync=off`.
    pub fn start(settings: &[&str]) -> Self {
        Self::start_with(&[], settings)
    }

    /// Starts a server with these environment variables.
    pub fn start_with(variables: &[(&str, &str)], settings: &[&str]) -> Self {
        let mut server = Self::create(settings);
        let owned = |(name, value): &(&str, &str)| (name.to_string(), value.to_string());
        server.variables = variables.iter().map(owned).collect();
        server.run();
        server
    }

    /// Returns the server that all tests share which do nothing to it.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Server> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(&["fsync=off"]))
    }

    /// Makes a copy of a server, which follows that one once it runs.
    pub fn standby_of(primary: &Self) -> Self {
        let standby = Self::empty(&[]);
        let copied = standby
            .command(&program("pg_basebackup"))
            .arg("--pgdata")
            .arg(standby.data())
            .arg("--host")
            .arg(primary.folder())
            .args([
                "--username=postgres",
                "--write-recovery-conf",
                "--checkpoint=fast",
            ])
            .arg(format!("--port={}", primary.port))
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&copied.stderr);
        assert!(copied.status.success(), "{told}");
        standby
    }

    fn empty(settings: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = Self {
            is_root: fs::metadata(folder.path()).unwrap().uid() == 0,
            port: free_port(),
            settings: settings.iter().map(ToString::to_string).collect(),
            variables: Vec::new(),
            running: None,
            folder,
        };
        server.give_away(server.folder.path());
        server
    }

    fn create(settings: &[&str]) -> Self {
        let server = Self::empty(settings);
        let created = server
            .command(&program("initdb"))
            .arg("--pgdata")
            .arg(server.data())
            .args(["--username=postgres", "--auth=trust", "--no-sync"])
            .args(["--encoding=UTF8", "--locale=C"])
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&created.stderr);
        assert!(created.status.success(), "{told}");
        server
    }

    /// Starts the server after it was stopped.
    pub fn run(&mut self) {
        let mut command = self.command(Path::new("sh"));
        command.args(until_end()).envs(self.variables.clone());
        command.arg(program("postgres")).arg("-D").arg(self.data());
        let port = self.port.to_string();
        command.args(["-c", "listen_addresses=127.0.0.1", "-p", &port, "-k"]);
        command.arg(self.folder.path());
        for setting in &self.settings {
            command.args(["-c", setting]);
        }
        let (mut child, input) = start(command);
        // A standby is ready to accept read-only connections.
        await_line(&mut child, "ready to accept");
        self.running = Some((child, input));
    }

    /// Ends the server at once, as a crash would. Data that isn't written to the disk is lost.
    pub fn stop(&mut self) {
        if let Some((mut child, input)) = self.running.take() {
            drop(input);
            child.wait().unwrap();
        }
    }

    /// Returns how a superuser connects to the database that is always there.
    pub fn config(&self) -> Config {
        let mut config = Config::new();
        config.host_path(self.folder.path()).port(self.port);
        config.user("postgres").dbname("postgres");
        config
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Creates a database, and returns how a superuser connects to it.
    pub async fn database(&self) -> Config {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("test_{}", COUNT.fetch_add(1, Ordering::SeqCst));
        let client = connect(&self.config()).await;
        let create = format!("CREATE DATABASE {name} TEMPLATE template0");
        client.batch_execute(&create).await.unwrap();
        let mut config = self.config();
        config.dbname(name);
        config
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A command that doesn't run as root.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.folder.path());
        if self.is_root {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
    }

    /// Gives a file to the user of the server.
    pub fn give_away(&self, path: &Path) {
        if self.is_root {
            chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
        }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Starts a command that ends when what is returned with it is dropped.
pub fn start(mut command: Command) -> (Child, ChildStdin) {
    command.stdin(Stdio::piped());
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let input = child.stdin.take().unwrap();
    (child, input)
}

/// Waits until a program says this on its standard error.
pub fn await_line(child: &mut Child, text: &'static str) {
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let (ready, is_ready) = mpsc::channel();
    // The program must be able to say more afterwards.
    let read = thread::spawn(move || {
        let mut told = String::new();
        for line in lines.map_while(Result::ok) {
            if line.contains(text) {
                ready.send(()).ok();
            }
            told = told + &line + "\n";
        }
        told
    });
    if is_ready.recv().is_err() {
        panic!("the program ended: {}", read.join().unwrap());
    }
}

/// The script of a command that ends with the test.
pub fn until_end() -> [&'static str; 3] {
    ["-c", UNTIL_END, "sh"]
}

pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

/// Finds a program of PostgreSQL: the newest one in Debian's folders, or the one on the path.
fn program(name: &str) -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let version = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
    let newest = versions
        .filter_map(|entry| Some(entry.ok()?.path()))
        .max_by_key(version)
        .map(|path| path.join("bin").join(name))
        .filter(|path| path.exists());
    newest.or_else(|| find(name)).expect(MISSING)
}

/// Finds a program on the path.
pub fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into()]);
    folders
        .map(|folder| folder.join(name))
        .find(|program| program.exists())
}

/// Connects to a database, to do by hand what a store doesn't.
pub async fn connect(config: &Config) -> Client {
    let (client, connection) = config.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}
