//! Faults of stores.

/// A fault of a store, for [`MemoryStore::inject`](crate::testing::MemoryStore::inject).
///
/// The fault applies to every load or swap that it can happen to, unless [`once`](Self::once) or
/// [`times`](Self::times) limits it. [`InjectedFault::remove`](crate::testing::InjectedFault::remove) ends it. If
/// several faults match, the one that was injected first applies.
///
/// Needs the feature `rotate`, besides `testing`.
///
/// ```
/// use webhook_subscriptions::rotate::StartError;
/// use webhook_subscriptions::testing::{MemoryStore, Simulator, StoreFault};
/// use webhook_subscriptions::Rotation;
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let simulator = Simulator::start().await?;
/// let pandadoc = simulator.pandadoc();
/// let id = pandadoc.add_subscription(&"https://shop.example/hooks".parse()?);
/// let client = pandadoc.client_builder().build()?;
/// let store = MemoryStore::new();
/// let away = store.inject(StoreFault::unavailable());
///
/// let start = Rotation::pandadoc(client.clone(), id).store(store.clone()).start().await;
/// assert!(matches!(start, Err(StartError::Store(_))));
///
/// away.remove();
/// Rotation::pandadoc(client, id).store(store).start().await?;
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct StoreFault {
    pub(crate) kind: StoreFaultKind,
    pub(crate) times: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StoreFaultKind {
    Conflict,
    FailBeforeStoring,
    FailAfterStoring,
    Unavailable,
    Stale,
}

impl StoreFault {
    fn new(kind: StoreFaultKind) -> Self {
        Self { kind, times: None }
    }

    /// Answers a swap with [`SwapError::Conflict`](crate::rotate::SwapError::Conflict), and stores nothing.
    #[must_use]
    pub fn conflict() -> Self {
        Self::new(StoreFaultKind::Conflict)
    }

    /// Answers a swap with [`SwapError::Failed`](crate::rotate::SwapError::Failed), and stores nothing.
    #[must_use]
    pub fn fail_before_storing() -> Self {
        Self::new(StoreFaultKind::FailBeforeStoring)
    }

    /// Stores the record of a swap, and answers with [`SwapError::Failed`](crate::rotate::SwapError::Failed) anyway.
    ///
    /// A swap that conflicts is answered as without the fault, and uses up one of its times.
    #[must_use]
    pub fn fail_after_storing() -> Self {
        Self::new(StoreFaultKind::FailAfterStoring)
    }

    /// Answers each load and swap with an error, and stores nothing.
    #[must_use]
    pub fn unavailable() -> Self {
        Self::new(StoreFaultKind::Unavailable)
    }

    /// Answers a load with the version before the newest one, or with the only one.
    #[must_use]
    pub fn stale() -> Self {
        Self::new(StoreFaultKind::Stale)
    }

    /// Limits the fault to one time.
    #[must_use]
    pub fn once(self) -> Self {
        self.times(1)
    }

    /// Limits the fault to this many times.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }
}

/// One load or swap that a [`StoreFault`] happened to.
///
/// Needs the feature `rotate`, besides `testing`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoreFaultHit {
    /// The name of the record.
    pub subscription: String,
    /// The version to be stored, or `None` for a load.
    pub swap_to: Option<u64>,
}
