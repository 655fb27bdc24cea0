//! Follows records for this replica, and keeps its leases on them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{watch, Notify};
use tokio::time::sleep;
use tokio_postgres::types::Type;

use super::clock::{DatabaseClock, Sample};
use super::connector::Backoff;
use super::database::{Answer, Database, Statement};
use super::error::DatabaseError;

/// How often the database is asked, even if it notifies.
const PERIOD: Duration = Duration::from_secs(5);

/// The shortest time between two polls, however many notifications come.
const PAUSE: Duration = Duration::from_millis(50);

/// A record that nobody has waited for since this long isn't followed any more, and its lease ends.
const FORGET_AFTER: Duration = Duration::from_secs(30);

/// A lease that was renewed this long ago is renewed before the record is used, or the use fails.
///
/// The database's lease is 30 s long. By then `changed` has returned after a failed poll (5 s), and a use of the
/// store has failed (5 s). So this replica isn't ready any more.
const RENEW_BEFORE_USE: Duration = Duration::from_secs(15);

const POLL: Statement = Statement {
    sql: "WITH renewed AS (
            UPDATE webhook_subscriptions_replicas
            SET lease_until = clock_timestamp() + interval '30 s'
            WHERE replica = $1 AND subscription = ANY($2)
            RETURNING subscription
        ), records AS (
            SELECT subscription, version FROM webhook_subscriptions_records WHERE subscription = ANY($2)
        )
        SELECT
            ARRAY(SELECT subscription FROM renewed),
            ARRAY(SELECT subscription FROM records ORDER BY subscription),
            ARRAY(SELECT version FROM records ORDER BY subscription),
            (extract(epoch FROM clock_timestamp()) * 1000000)::bigint",
    is_repeatable: true,
    needs_tables: true,
};

/// Also removes replicas that are long gone.
const ACKNOWLEDGE: Statement = Statement {
    sql: "WITH gone AS (
            DELETE FROM webhook_subscriptions_replicas
            WHERE subscription = $1 AND replica <> $2 AND lease_until < clock_timestamp() - interval '1 day'
        )
        INSERT INTO webhook_subscriptions_replicas (subscription, replica, version, lease_until)
        VALUES ($1, $2, $3, clock_timestamp() + interval '30 s')
        ON CONFLICT (subscription, replica)
        DO UPDATE SET version = EXCLUDED.version, lease_until = EXCLUDED.lease_until",
    is_repeatable: true,
    needs_tables: true,
};

const IS_ACKNOWLEDGED: Statement = Statement {
    sql: "SELECT NOT EXISTS (
            SELECT FROM webhook_subscriptions_replicas
            WHERE subscription = $1 AND version < $2 AND lease_until > clock_timestamp()
        )",
    is_repeatable: true,
    needs_tables: true,
};

pub(super) struct Replica {
    pub(super) database: Arc<Database>,
    id: String,
    pub(super) clock: DatabaseClock,
    followed: Mutex<HashMap<String, Followed>>,
    /// Changes with each poll. Counts how often everybody who waits was woken.
    polls: watch::Sender<u64>,
    /// Asks for a poll at once.
    pub(super) wanted: Notify,
    /// Says that a poll found a newer version.
    pub(super) found_newer: Notify,
}

/// A record that somebody waits for, or has waited for a moment ago.
struct Followed {
    waiting: usize,
    left: Instant,
    /// The stored version as far as known. 0 means that there is none.
    version: i64,
    /// Before the request for the latest lease was sent, if this replica has one.
    leased: Option<Instant>,
    /// Whether its latest use failed. The one that waits tries again once the database answers.
    has_failed: bool,
}

impl Replica {
    pub(super) fn new(database: Arc<Database>, clock: DatabaseClock) -> Self {
        Self {
            database,
            id: format!("{:032x}", fastrand::u128(..)),
            clock,
            followed: Mutex::default(),
            polls: watch::Sender::default(),
            wanted: Notify::new(),
            found_newer: Notify::new(),
        }
    }

    /// Polls until it is dropped.
    pub(super) async fn keep_polling(&self) {
        let mut backoff = Backoff::default();
        let mut woken: Option<Instant> = None;
        loop {
            let poll = self.poll().await;
            let pause = backoff.note(&poll);
            let wakes_all = poll.is_err() && woken.is_none_or(|woken| woken.elapsed() >= PERIOD);
            woken = match wakes_all {
                true => Some(Instant::now()),
                false => woken.filter(|_| poll.is_err()),
            };
            self.polls
                .send_modify(|wakes| *wakes += u64::from(wakes_all));
            match poll {
                Err(_) => sleep(pause).await,
                Ok(()) => {
                    sleep(PAUSE).await;
                    tokio::select! {
                        () = sleep(PERIOD - PAUSE) => {}
                        () = self.wanted.notified() => {}
                    }
                }
            }
        }
    }

    /// Renews the leases, and takes in the stored versions and the database's clock.
    async fn poll(&self) -> Result<(), DatabaseError> {
        let names = self.followed_names();
        let parameters = [(&self.id as _, Type::TEXT), (&names as _, Type::TEXT_ARRAY)];
        let Answer {
            rows,
            sent,
            received,
        } = self.database.query(&POLL, &parameters).await?;
        for row in rows {
            let renewed: Vec<String> = row.try_get(0)?;
            let stored: Vec<String> = row.try_get(1)?;
            let versions: Vec<i64> = row.try_get(2)?;
            let sample = Sample::new(sent, received, row.try_get(3)?);
            self.clock.take_in(sample);
            let versions = HashMap::from_iter(stored.into_iter().zip(versions));
            self.take_in(&names, sent, &renewed, &versions);
        }
        Ok(())
    }

    fn take_in(
        &self,
        names: &[String],
        sent: Instant,
        renewed: &[String],
        versions: &HashMap<String, i64>,
    ) {
        let mut followed = self.followed();
        for name in names {
            let Some(followed) = followed.get_mut(name) else {
                continue;
            };
            let version = versions.get(name).copied().unwrap_or_default();
            if version > followed.version {
                self.found_newer.notify_one();
            }
            followed.version = version;
            followed.leased = renewed.contains(name).then_some(sent);
        }
    }

    /// Returns the records to ask for, and forgets those that nobody follows any more.
    fn followed_names(&self) -> Vec<String> {
        let mut followed = self.followed();
        followed.retain(|_, it| it.waiting > 0 || it.left.elapsed() < FORGET_AFTER);
        followed.keys().cloned().collect()
    }

    /// Waits until the stored version may be another one than this, or the database is away.
    pub(super) async fn changed(&self, subscription: &str, version: i64) {
        let mut polls = self.polls.subscribe();
        let wakes = *polls.borrow_and_update();
        let Some(_waiting) = self.wait(subscription) else {
            // The caller acknowledges what it has, which makes it a replica that is waited for.
            return;
        };
        while !self.has_changed(subscription, version) {
            // This can't fail: `self` owns the sender.
            polls.changed().await.ok();
            if *polls.borrow_and_update() != wakes || !self.is_well(subscription) {
                return;
            }
        }
    }

    /// Follows this record until what is returned is dropped. Returns `None` the first time.
    fn wait<'a>(&'a self, subscription: &'a str) -> Option<Waiting<'a>> {
        let is_known = self.followed().contains_key(subscription);
        self.update(subscription, |it| it.waiting += usize::from(is_known));
        // Not `then_some`, which would make one in any case, and drop it.
        is_known.then(|| Waiting {
            replica: self,
            subscription,
        })
    }

    fn has_changed(&self, subscription: &str, version: i64) -> bool {
        let followed = self.followed();
        followed
            .get(subscription)
            .is_none_or(|it| it.version != version)
    }

    /// Tells whether this replica has a lease, and its latest use of the record succeeded.
    fn is_well(&self, subscription: &str) -> bool {
        let followed = self.followed();
        let followed = followed.get(subscription);
        followed.is_some_and(|it| it.leased.is_some() && !it.has_failed)
    }

    /// Takes in whether a use of the record succeeded.
    pub(super) fn note<T>(&self, subscription: &str, used: &Result<T, DatabaseError>) {
        if let Some(followed) = self.followed().get_mut(subscription) {
            followed.has_failed = used.is_err();
        }
    }

    /// Takes in the stored version that a load or a swap has shown.
    pub(super) fn saw(&self, subscription: &str, version: i64) {
        if let Some(followed) = self.followed().get_mut(subscription) {
            followed.version = version;
        }
    }

    /// Returns an error if this replica has a lease that may end while the record is used, and can't renew it.
    ///
    /// A replica that others don't wait for any more must not seem ready.
    pub(super) async fn ensure_lease(&self, subscription: &str) -> Result<(), DatabaseError> {
        let leased = self.followed().get(subscription).and_then(|it| it.leased);
        match leased.is_some_and(|leased| leased.elapsed() >= RENEW_BEFORE_USE) {
            true => self.poll().await,
            false => Ok(()),
        }
    }

    pub(super) async fn acknowledge(
        &self,
        subscription: &str,
        version: i64,
    ) -> Result<(), DatabaseError> {
        let parameters = [
            (&subscription as _, Type::TEXT),
            (&self.id as _, Type::TEXT),
            (&version as _, Type::INT8),
        ];
        let answer = self.database.query(&ACKNOWLEDGE, &parameters).await?;
        self.update(subscription, |it| it.leased = Some(answer.sent));
        Ok(())
    }

    pub(super) async fn is_acknowledged(
        &self,
        subscription: &str,
        version: i64,
    ) -> Result<bool, DatabaseError> {
        let parameters = [
            (&subscription as _, Type::TEXT),
            (&version as _, Type::INT8),
        ];
        let answer = self.database.query(&IS_ACKNOWLEDGED, &parameters).await?;
        let row = answer.rows.first();
        Ok(row.map_or(Ok(false), |row| row.try_get(0))?)
    }

    fn update(&self, subscription: &str, update: impl FnOnce(&mut Followed)) {
        let mut followed = self.followed();
        let entry = followed.entry(subscription.to_owned());
        update(entry.or_insert_with(|| Followed {
            waiting: 0,
            left: Instant::now(),
            version: 0,
            leased: None,
            has_failed: false,
        }));
    }

    fn followed(&self) -> MutexGuard<'_, HashMap<String, Followed>> {
        self.followed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Somebody waits for a record.
struct Waiting<'a> {
    replica: &'a Replica,
    subscription: &'a str,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.replica.update(self.subscription, |it| {
            it.waiting -= 1;
            it.left = Instant::now();
        });
    }
}
