//! After a crash at any point, the file has the old record or the new one, each whole. A record that was loaded, or
//! whose swap succeeded, is never older after a crash.
//!
//! The real code runs on a disk that records each operation, and fails where the test wants. The test then makes
//! every folder that a crash can leave. Each part that wasn't synced may be missing, and a file may be cut. Data
//! that a sync failed to write stays unwritten, whatever is synced later.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use tempfile::tempdir;

use super::disk::{Disk, RealDisk};
use super::folder::Folder;
use super::recording_disk::{Fault, Operation, RecordingDisk};
use crate::rotate::store::{StoredRecord, SwapError};
use crate::secret::Secret;

const SUBSCRIPTION: &str = "pandadoc-d173751d-0057-4d5c-ab75-49a670a4ca68";

/// A folder as a crash leaves it: the bytes of each file.
type Image = BTreeMap<String, Vec<u8>>;

/// Something that may be lost in a crash.
#[derive(Clone, Copy, PartialEq)]
enum State {
    Unsynced,
    Durable,
    /// A sync has failed, and no later one helps.
    Forgotten,
}

impl State {
    fn sync(&mut self, synced: bool) {
        if *self == Self::Unsynced {
            *self = match synced {
                true => Self::Durable,
                false => Self::Forgotten,
            };
        }
    }
}

/// The names in a folder, and the file of each.
type Names<'a> = BTreeMap<&'a str, usize>;

/// Gives names to other files, or to none.
type Change<'a> = Vec<(&'a str, Option<usize>)>;

fn apply<'a>(change: &Change<'a>, names: &mut Names<'a>) {
    for (name, file) in change {
        match file {
            Some(file) => names.insert(name, *file),
            None => names.remove(name),
        };
    }
}

/// Every folder that a crash after these operations can leave.
fn images(operations: &[Operation]) -> BTreeSet<Image> {
    let mut files: Vec<(&[u8], State)> = Vec::new();
    let mut names = Names::new();
    let mut changes: Vec<(Change, State)> = Vec::new();
    for operation in operations {
        let change = match operation {
            Operation::Create(name, bytes) => {
                files.push((bytes, State::Unsynced));
                vec![(name.as_str(), Some(files.len() - 1))]
            }
            Operation::Rename(from, to) => {
                vec![(from.as_str(), None), (to, Some(names[from.as_str()]))]
            }
            Operation::Remove(name) => vec![(name.as_str(), None)],
            Operation::Sync(file, synced) => {
                files[*file].1.sync(*synced);
                continue;
            }
            Operation::SyncFolder(synced) => {
                let states = changes.iter_mut().map(|(_, state)| state);
                states.for_each(|state| state.sync(*synced));
                continue;
            }
        };
        apply(&change, &mut names);
        changes.push((change, State::Unsynced));
    }

    let mut folders = BTreeSet::from([Names::new()]);
    for (change, state) in &changes {
        let changed = folders.iter().cloned().map(|mut names| {
            apply(change, &mut names);
            names
        });
        let changed = BTreeSet::from_iter(changed);
        match state {
            State::Durable => folders = changed,
            State::Unsynced | State::Forgotten => folders.extend(changed),
        }
    }
    let images = folders.iter().flat_map(|names| contents(names, &files));
    images.collect()
}

/// Every content that the files of a folder can have.
fn contents(folder: &Names, files: &[(&[u8], State)]) -> Vec<Image> {
    let mut images = vec![Image::new()];
    for (name, file) in folder {
        let (bytes, state) = files[*file];
        let mut contents = vec![bytes.to_vec()];
        if state != State::Durable {
            let half = bytes[..bytes.len() / 2].to_vec();
            contents.extend([Vec::new(), half, vec![0; bytes.len()]]);
        }
        images = images
            .iter()
            .flat_map(|image| {
                contents.iter().map(|content| {
                    let mut image = image.clone();
                    image.insert((*name).to_owned(), content.clone());
                    image
                })
            })
            .collect();
    }
    images
}

fn record(version: u64) -> StoredRecord {
    StoredRecord {
        version,
        document: Secret::from(format!("the document of version {version}")),
    }
}

/// The promises that the code under test has made once this many operations had happened.
struct Promise {
    operations: usize,
    /// No older version is there after a crash.
    at_least: u64,
    /// No newer version is there after a crash.
    at_most: u64,
}

/// Changes a record three times, whatever fails, and returns the promises that were made meanwhile.
fn run(disk: &RecordingDisk) -> Vec<Promise> {
    let directory = tempdir().unwrap();
    let open = || Folder::open(directory.path(), disk.clone()).unwrap();
    let mut folder = open();
    let mut promises = Vec::new();
    let mut promise = |at_least, at_most| {
        let operations = disk.operations().len();
        promises.push(Promise {
            operations,
            at_least,
            at_most,
        });
    };
    let mut stored = 0;
    for _ in 0..3 {
        let next = stored + 1;
        promise(stored, next);
        let swapped = folder.swap(SUBSCRIPTION, &record(next));
        assert!(!matches!(swapped, Err(SwapError::Conflict)));
        if swapped.is_ok() {
            stored = next;
        } else {
            if disk.has_ended() {
                drop(folder);
                disk.inject(Fault::None);
                folder = open();
            }
            stored = load(&mut folder);
        }
        promise(stored, next);
    }
    promises
}

/// Loads until that succeeds, since a load that failed promises nothing.
fn load<D: Disk>(folder: &mut Folder<D>) -> u64 {
    // No more operations than two fail.
    let mut attempts = (0..3).map(|_| folder.load(SUBSCRIPTION));
    let loaded = attempts
        .find(Result::is_ok)
        .expect("a load that succeeds")
        .unwrap();
    let version = loaded.as_ref().map_or(0, |record| record.version);
    assert_eq!(loaded, (version > 0).then(|| record(version)));
    version
}

/// Every fault that a run can meet.
fn faults() -> Vec<Fault> {
    let disk = RecordingDisk::new(Fault::None);
    run(&disk);
    let last = disk.operations().len();
    let mut faults = vec![Fault::None];
    for at in 0..last {
        faults.extend([Fault::FailAfterwards(at), Fault::End(at)]);
        // The second one may be among the operations that the first one makes necessary.
        faults.extend((at..at + 8).map(|second| Fault::Fail([at, second])));
    }
    faults
}

/// The versions that each image may have.
fn allowed() -> BTreeMap<Image, (u64, u64)> {
    let mut allowed = BTreeMap::new();
    for fault in faults() {
        let disk = RecordingDisk::new(fault);
        let promises = run(&disk);
        let operations = disk.operations();
        for crash in 0..=operations.len() {
            let made = || promises.iter().filter(|it| it.operations <= crash);
            let at_least = made().map(|it| it.at_least).max().unwrap();
            let at_most = made().map(|it| it.at_most).max().unwrap();
            for image in images(&operations[..crash]) {
                // Several runs can leave the same image, which must be right for each.
                let both = allowed.entry(image).or_insert((at_least, at_most));
                *both = (both.0.max(at_least), both.1.min(at_most));
            }
        }
    }
    allowed
}

#[test]
fn after_a_crash_at_any_point_a_record_is_the_old_one_or_the_new_one() {
    let mut versions = BTreeSet::new();
    for (image, (at_least, at_most)) in allowed() {
        let directory = tempdir().unwrap();
        for (name, bytes) in &image {
            let path = directory.path().join(name);
            RealDisk.create(&path, bytes).unwrap();
        }
        let mut folder = Folder::open(directory.path(), RealDisk).unwrap();
        let version = load(&mut folder);
        assert!(
            (at_least..=at_most).contains(&version),
            "version {version} of {at_least}..={at_most}, from {:?}",
            image.keys()
        );
        versions.insert(version);

        // Nothing that was left over is in the way of the next change, or stays.
        folder.swap(SUBSCRIPTION, &record(version + 1)).unwrap();
        let files = fs::read_dir(directory.path()).unwrap().count();
        assert_eq!(files, 2, "the record and the lock");
    }
    assert_eq!(versions, BTreeSet::from([0, 1, 2, 3]));
}

#[test]
fn a_sync_that_fails_is_an_error_and_the_old_record_stays() {
    let directory = tempdir().unwrap();
    let disk = RecordingDisk::new(Fault::None);
    let mut folder = Folder::open(directory.path(), disk.clone()).unwrap();
    folder.swap(SUBSCRIPTION, &record(1)).unwrap();
    let is_sync = |it: &Operation| matches!(it, Operation::Sync(..));
    let sync = disk.operations().iter().position(is_sync).unwrap();
    disk.inject(Fault::Fail([sync; 2]));

    let error = folder.swap(SUBSCRIPTION, &record(2)).unwrap_err();

    let path = directory.path().join(format!("{SUBSCRIPTION}.new"));
    let text = format!(
        "the store of the rotation failed: couldn't write `{}`: a fault of the test",
        path.display()
    );
    assert_eq!(error.to_string(), text);
    assert_eq!(load(&mut folder), 1);
}
