//! A record outlives the process as text.

use super::{Change, Event, Run};
use crate::machine::policy::Maker;
use crate::machine::record::Record;

#[test]
fn what_is_read_back_is_what_was_written() {
    let mut run = Run::due(Maker::Provider);
    let claim = run.claims();
    run.answers(claim.epoch, Change::Lost);
    run.happens(Event::Revoke { generation: 1 });
    let text = serde_json::to_string(&run.record).unwrap();
    let back: Record<&str> = serde_json::from_str(&text).unwrap();
    assert_eq!(back, run.record);
}
