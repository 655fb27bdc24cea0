//! A disk that records what happens to it, and fails where a test wants.

#![allow(clippy::unwrap_used)]

use std::cell::RefCell;
use std::io;
use std::path::Path;
use std::rc::Rc;

use zeroize::Zeroizing;

use super::disk::{Disk, RealDisk};

/// An operation that happened. A file is known by how many were created before it, since its name changes.
#[derive(Debug, Clone)]
pub(super) enum Operation {
    Create(String, Vec<u8>),
    Rename(String, String),
    Remove(String),
    /// A sync, and whether it succeeded.
    Sync(usize, bool),
    SyncFolder(bool),
}

/// The operations that go wrong, by number.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fault {
    None,
    /// Two operations fail without an effect, except that half of a file is written.
    Fail([usize; 2]),
    /// An operation takes effect, and fails.
    FailAfterwards(usize),
    /// The process ends before this operation.
    End(usize),
}

/// Real files, and a record of the operations. Clones share both.
#[derive(Clone)]
pub(super) struct RecordingDisk(Rc<RefCell<Log>>);

struct Log {
    operations: Vec<Operation>,
    fault: Fault,
    /// How many operations have begun.
    begun: usize,
}

#[derive(PartialEq)]
enum Verdict {
    Succeed,
    Fail,
    FailAfterwards,
}

impl RecordingDisk {
    pub(super) fn new(fault: Fault) -> Self {
        Self(Rc::new(RefCell::new(Log {
            operations: Vec::new(),
            fault,
            begun: 0,
        })))
    }

    pub(super) fn operations(&self) -> Vec<Operation> {
        self.0.borrow().operations.clone()
    }

    pub(super) fn has_ended(&self) -> bool {
        let log = self.0.borrow();
        matches!(log.fault, Fault::End(at) if at < log.begun)
    }

    /// Replaces the fault. Operations are counted from 0 again.
    pub(super) fn inject(&self, fault: Fault) {
        let mut log = self.0.borrow_mut();
        log.fault = fault;
        log.begun = 0;
    }

    fn begin(&self) -> io::Result<Verdict> {
        let mut log = self.0.borrow_mut();
        let number = log.begun;
        log.begun += 1;
        match log.fault {
            Fault::Fail(numbers) if numbers.contains(&number) => Ok(Verdict::Fail),
            Fault::FailAfterwards(at) if at == number => Ok(Verdict::FailAfterwards),
            Fault::End(at) if at <= number => Err(io::Error::other("the process has ended")),
            _ => Ok(Verdict::Succeed),
        }
    }

    fn record(&self, operation: Operation) {
        self.0.borrow_mut().operations.push(operation);
    }
}

impl Verdict {
    fn result(self) -> io::Result<()> {
        match self {
            Self::Succeed => Ok(()),
            Self::Fail | Self::FailAfterwards => Err(io::Error::other("a fault of the test")),
        }
    }
}

impl Disk for RecordingDisk {
    type File = usize;

    fn read(&self, path: &Path) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
        RealDisk.read(path)
    }

    fn create(&self, path: &Path, bytes: &[u8]) -> io::Result<usize> {
        let is_create = |operation: &&Operation| matches!(operation, Operation::Create(..));
        let number = self.0.borrow().operations.iter().filter(is_create).count();
        let verdict = self.begin()?;
        let bytes = match verdict {
            Verdict::Fail => &bytes[..bytes.len() / 2],
            _ => bytes,
        };
        RealDisk.create(path, bytes)?;
        self.record(Operation::Create(name(path), bytes.to_vec()));
        verdict.result().map(|()| number)
    }

    fn sync(&self, file: &usize) -> io::Result<()> {
        let verdict = self.begin()?;
        self.record(Operation::Sync(*file, verdict == Verdict::Succeed));
        verdict.result()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let verdict = self.begin()?;
        if verdict != Verdict::Fail {
            RealDisk.rename(from, to)?;
            self.record(Operation::Rename(name(from), name(to)));
        }
        verdict.result()
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let verdict = self.begin()?;
        if verdict != Verdict::Fail {
            RealDisk.remove(path)?;
            self.record(Operation::Remove(name(path)));
        }
        verdict.result()
    }

    fn sync_folder(&self, _: &Path) -> io::Result<()> {
        let verdict = self.begin()?;
        self.record(Operation::SyncFolder(verdict == Verdict::Succeed));
        verdict.result()
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_str().unwrap().to_owned()
}
