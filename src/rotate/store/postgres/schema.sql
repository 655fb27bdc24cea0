-- The tables of `webhook_subscriptions::rotate::PostgresStore`. Executing this again changes nothing.

-- Until the end of the transaction, so that replicas that start together create the tables one after the other.
SELECT pg_advisory_xact_lock(8607055846023518834);

CREATE TABLE IF NOT EXISTS webhook_subscriptions_schema (
    version integer PRIMARY KEY
);

CREATE TABLE IF NOT EXISTS webhook_subscriptions_records (
    subscription text PRIMARY KEY,
    version bigint NOT NULL,
    -- Sealed with the service's own key.
    document text NOT NULL,
    changed_at timestamptz NOT NULL
);

CREATE TABLE IF NOT EXISTS webhook_subscriptions_replicas (
    subscription text NOT NULL,
    replica text NOT NULL,
    -- The version whose keys the replica accepts.
    version bigint NOT NULL,
    -- After this time the replica isn't waited for.
    lease_until timestamptz NOT NULL,
    PRIMARY KEY (subscription, replica)
);

INSERT INTO webhook_subscriptions_schema (version) VALUES (1) ON CONFLICT DO NOTHING;
