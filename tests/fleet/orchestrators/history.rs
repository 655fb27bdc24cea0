//! Every version of every record, as the database itself wrote them down.

use std::time::SystemTime;

use serde::de::IgnoredAny;
use serde::Deserialize;
use tokio_postgres::Client;
use webhook_subscriptions::rotate::{
    Sealed, SealingKey, Store, StoreError, StoredRecord, SwapError,
};
use webhook_subscriptions::{BoxFuture, Secret};

use super::time::to_time;

/// Copies each new version of a record, and notes which process each replica is.
const TRIGGERS: &str = "
    CREATE TABLE history (
        at timestamptz NOT NULL,
        process text NOT NULL,
        subscription text NOT NULL,
        version bigint NOT NULL,
        document text NOT NULL
    );
    CREATE FUNCTION remember() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO history VALUES (
            clock_timestamp(), current_setting('application_name'), NEW.subscription, NEW.version, NEW.document
        );
        RETURN NULL;
    END $$;
    CREATE TRIGGER remember AFTER INSERT OR UPDATE ON webhook_subscriptions_records
        FOR EACH ROW EXECUTE FUNCTION remember();

    CREATE TABLE processes (replica text PRIMARY KEY, process text NOT NULL);
    CREATE FUNCTION name_process() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO processes VALUES (NEW.replica, current_setting('application_name')) ON CONFLICT DO NOTHING;
        RETURN NULL;
    END $$;
    CREATE TRIGGER name_process AFTER INSERT ON webhook_subscriptions_replicas
        FOR EACH ROW EXECUTE FUNCTION name_process();
";

const VERSIONS: &str = "
    SELECT floor(extract(epoch FROM at) * 1000)::bigint, process, version, document
    FROM history WHERE subscription = $1 ORDER BY version, at
";

/// A version of a record.
#[derive(Debug)]
pub struct Version {
    pub at: SystemTime,
    /// The process that stored it.
    pub process: String,
    pub version: u64,
    pub record: Record,
}

/// The parts of a record that the tests look at.
#[derive(Debug, Deserialize)]
pub struct Record {
    pub phase: Phase,
    pub keys: Vec<Generation>,
}

impl Record {
    pub fn keys(&self) -> Vec<Secret> {
        self.keys.iter().map(|it| it.key.clone()).collect()
    }
}

#[derive(Debug, Deserialize)]
pub struct Generation {
    pub key: Secret,
}

#[derive(Debug, Deserialize)]
pub enum Phase {
    Steady,
    Prepared,
    Calling(Claim),
    Settling(Claim),
    Overlap,
    Retiring {},
    Attention(IgnoredAny),
}

/// The right to send one request.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct Claim {
    pub owner: u64,
    pub epoch: u64,
    /// How many keys there had been.
    pub base: u64,
    /// Until when the request may be sent.
    pub send_by: u64,
}

#[derive(Deserialize)]
struct Document {
    record: Record,
}

/// Has the database write down what is stored from now on.
pub async fn begin(database: &Client) {
    database.batch_execute(TRIGGERS).await.unwrap();
}

/// Returns all versions of a record, in their order.
pub async fn read(database: &Client, key: &SealingKey, record: &str) -> Vec<Version> {
    let mut versions = Vec::new();
    for row in database.query(VERSIONS, &[&record]).await.unwrap() {
        let stored = StoredRecord {
            version: row.get::<_, i64>(2) as u64,
            document: Secret::from(row.get::<_, String>(3)),
        };
        let version = stored.version;
        let sealed = Sealed::new(One(stored), key.clone());
        let opened = sealed.load(record).await.unwrap().unwrap();
        let document: Document = serde_json::from_str(opened.document.expose_secret()).unwrap();
        versions.push(Version {
            at: to_time(row.get::<_, i64>(0) as u64),
            process: row.get(1),
            version,
            record: document.record,
        });
    }
    versions
}

/// A store of one record, from which it is opened.
struct One(StoredRecord);

impl Store for One {
    fn load<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Option<StoredRecord>, StoreError>> {
        Box::pin(async { Ok(Some(self.0.clone())) })
    }

    fn swap<'a>(&'a self, _: &'a str, _: &'a StoredRecord) -> BoxFuture<'a, Result<(), SwapError>> {
        unreachable!("nothing is stored")
    }
}
