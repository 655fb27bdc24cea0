//! Background tasks that end with their simulator.

use std::future::Future;
use std::sync::{Arc, Mutex, Weak};

use tokio::runtime::Handle;
use tokio::task::{AbortHandle, JoinSet};

use super::lock::lock;

/// The background tasks of a simulator. Dropping it ends them.
pub(crate) struct Tasks(Arc<Mutex<JoinSet<()>>>);

impl Tasks {
    pub(crate) fn new() -> Self {
        Self(Arc::default())
    }

    /// Returns a spawner for these tasks, which run in the current runtime.
    pub(crate) fn spawner(&self) -> TaskSpawner {
        TaskSpawner {
            tasks: Arc::downgrade(&self.0),
            runtime: Handle::current(),
        }
    }

    /// Ends all tasks and waits until they have finished.
    pub(crate) async fn stop(self) {
        loop {
            let mut tasks = std::mem::take(&mut *lock(&self.0));
            if tasks.is_empty() {
                return;
            }
            // Until this is done, a task may start another one.
            tasks.shutdown().await;
        }
    }
}

/// Starts background tasks of a simulator that may be gone.
///
/// A task can hold this without keeping the other tasks alive.
#[derive(Clone)]
pub(crate) struct TaskSpawner {
    tasks: Weak<Mutex<JoinSet<()>>>,
    runtime: Handle,
}

impl TaskSpawner {
    /// Starts a task, and returns `None` if the simulator is gone.
    pub(crate) fn spawn(
        &self,
        task: impl Future<Output = ()> + Send + 'static,
    ) -> Option<AbortHandle> {
        let tasks = self.tasks.upgrade()?;
        let mut tasks = lock(&tasks);
        while tasks.try_join_next().is_some() {}
        Some(tasks.spawn_on(task, &self.runtime))
    }

    /// Ends all tasks that were started so far.
    pub(crate) fn abort_all(&self) {
        if let Some(tasks) = self.tasks.upgrade() {
            lock(&tasks).abort_all();
        }
    }
}
