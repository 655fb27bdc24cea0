//! A body of 10 MB takes no more memory than the limit of 1 MiB allows.

mod support;

use std::alloc::System;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use stats_alloc::{Region, StatsAlloc, INSTRUMENTED_SYSTEM};
use support::{Operation, PATIENCE};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const MIB: usize = 1024 * 1024;

#[tokio::test]
async fn a_large_body_does_not_take_memory_as_large() {
    let mut answer = support::head(502, &[], 10 * MIB);
    answer.resize(answer.len() + 10 * MIB, b'x');
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        assert!(stream.read(&mut [0; 4096]).unwrap() > 0);
        // The client closes the connection when it has enough.
        stream.write_all(&answer).ok();
    });

    let region = Region::new(ALLOCATOR);
    Operation::SharedKey
        .call_within(&base_url, PATIENCE)
        .await
        .unwrap_err();
    let allocated = region.change().bytes_allocated;

    // What is kept, what it grew from, and the buffers it came through.
    assert!(allocated < 5 * MIB, "{allocated} bytes");
}
