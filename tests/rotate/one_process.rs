//! One process uses a folder, and only once. Another one gets an error until the first has ended, however it
//! ends.

use std::env;
use std::io::{stdin, BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;

use tempfile::tempdir;
use webhook_subscriptions::rotate::FileStore;

/// Names the folder to the other process.
const FOLDER: &str = "TEST_ONE_PROCESS_FOLDER";
const OPENED: &str = "the other process has opened the folder";

#[test]
fn a_folder_cannot_be_opened_twice_until_the_last_clone_is_dropped() {
    let folder = tempdir().unwrap();
    let store = FileStore::open(folder.path()).unwrap();
    let clone = store.clone();
    assert!(FileStore::open(folder.path()).is_err());
    drop(store);
    assert!(FileStore::open(folder.path()).is_err());
    drop(clone);
    FileStore::open(folder.path()).unwrap();
}

#[test]
fn a_folder_of_another_process_cannot_be_opened_until_that_is_killed() {
    let folder = tempdir().unwrap();
    let mut other = open_in_another_process(folder.path());
    assert!(FileStore::open(folder.path()).is_err());
    other.kill().unwrap();
    other.wait().unwrap();
    FileStore::open(folder.path()).unwrap();
}

#[test]
fn processes_that_are_being_started_do_not_keep_the_folder() {
    let folder = tempdir().unwrap();
    thread::scope(|scope| {
        let starter = scope.spawn(|| (0..100).for_each(|_| start_a_short_process()));
        while !starter.is_finished() {
            FileStore::open(folder.path()).unwrap();
        }
    });
}

fn start_a_short_process() {
    let mut help = Command::new(env::current_exe().unwrap());
    help.arg("--help").output().unwrap();
}

/// Returns once the other process has the folder. It keeps it until it is killed.
fn open_in_another_process(folder: &Path) -> Child {
    let mut other = Command::new(env::current_exe().unwrap())
        .args(["--exact", "one_process::the_other_process", "--ignored"])
        .arg("--nocapture")
        .env(FOLDER, folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(other.stdout.take().unwrap());
    let mut lines = output.lines().map(Result::unwrap);
    assert!(lines.any(|line| line.contains(OPENED)));
    other
}

#[test]
#[ignore = "another test runs it in a process of its own"]
fn the_other_process() {
    let Some(folder) = env::var_os(FOLDER) else {
        return;
    };
    let _store = FileStore::open(folder).unwrap();
    println!("{OPENED}");
    // Until it is killed, or the test that started it has ended.
    stdin().read_to_end(&mut Vec::new()).unwrap();
}
