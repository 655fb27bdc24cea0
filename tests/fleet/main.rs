//! Services that run as several replicas, which share a database. Each file is one promise.

#![cfg(unix)]

mod orchestrators;
