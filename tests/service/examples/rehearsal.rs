//! The example `rotate` rehearses a rotation, and fails if a delivery was lost or a forged one accepted.

use std::collections::BTreeSet;
use std::env::VarError;
use std::fs;
use std::time::SystemTime;

use http::StatusCode;
use tempfile::tempdir;

use super::rotate::providers::{Attempt, Delivered};
use super::rotate::report::{Report, Side};
use super::rotate::scenario::{Scenario, Trouble};
use super::{lines, rotate, service};

#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsal_tells_that_nothing_was_lost_and_prints_and_draws_no_key() {
    let (lines, say) = lines();
    let folder = tempdir().unwrap();
    let picture = folder.path().join("rotation.svg");
    let scenario = Scenario {
        pandadoc: vec![Trouble::Nothing],
        ratepay: vec![Trouble::Nothing],
    };
    let plot = Some(picture.to_str().unwrap());
    rotate::rehearse(scenario, plot, service, say)
        .await
        .unwrap();
    let told = lines.lock().unwrap().join("\n");
    assert!(told.contains("lost 0, forged accepted 0"), "{told}");
    let picture = fs::read_to_string(picture).unwrap();
    // A key has 22 characters or more, none of which are spaces or punctuation.
    let is_key = |word: &&str| word.len() >= 20;
    for text in [told, picture] {
        let mut words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-');
        assert_eq!(words.find(is_key), None);
    }
}

/// A report on one delivery of PandaDoc and one forged one.
fn report(genuine: Option<StatusCode>, forged: StatusCode, found: &[&str]) -> Report {
    let attempt = |status| Attempt {
        at: SystemTime::now(),
        generation: 1,
        status,
    };
    let side = |delivered, forged, found| Side {
        delivered,
        forged,
        found,
        held: 0,
        requests: 0,
        changes: 0,
    };
    let delivered = Delivered {
        document: "document 1".to_owned(),
        attempts: vec![attempt(genuine)],
    };
    let found = found.iter().map(|&document| document.to_owned()).collect();
    Report {
        pandadoc: side(vec![delivered], vec![attempt(Some(forged))], found),
        ratepay: side(Vec::new(), Vec::new(), BTreeSet::new()),
    }
}

#[test]
fn a_rehearsal_fails_if_a_delivery_is_lost_or_a_forged_one_accepted() {
    let (ok, forbidden) = (StatusCode::OK, StatusCode::FORBIDDEN);
    for (genuine, forged, found, passes) in [
        (Some(ok), forbidden, &[][..], true),
        (Some(forbidden), forbidden, &[], false),
        (None, forbidden, &[], false),
        (None, forbidden, &["document 1"], true),
        (Some(ok), ok, &[], false),
    ] {
        let report = report(genuine, forged, found);
        assert_eq!(report.check().is_ok(), passes, "{report}");
    }
}

#[tokio::test]
async fn wrong_arguments_of_the_rehearsal_are_answered_with_its_usage() {
    for arguments in [&["--plot"][..], &["--plot", "a", "b"], &["now"]] {
        let arguments = Vec::from_iter(arguments.iter().map(|&it| it.to_owned()));
        let (_, say) = lines();
        let run = rotate::run(&arguments, &|_| Err(VarError::NotPresent), service, say).await;
        assert_eq!(
            run.unwrap_err().to_string(),
            "usage: rotate [--plot FILE.svg]"
        );
    }
}
