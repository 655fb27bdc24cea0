//! Services that run as several replicas, which share a database. Each file is one promise.

#![cfg(unix)]

mod clock;
mod contract;
mod cut_connections;
mod durability;
mod failover;
mod idle;
mod isolation;
mod leases;
mod notifications;
mod orchestrators;
mod pgbouncer;
mod postgres;
mod privileges;
mod proxy;
mod readiness;
mod records;
mod restarts;
mod stores;
mod tables;
