//! The promises of a rotation, by their numbers:
//!
//! 1. No PATCH without a durable claim, at most one for each claim, none while another may be on its way.
//! 2. Ratepay's secret is durable, and accepted by every ready replica, before it is sent. No process retries the PUT
//!    of another that still waits.
//! 3. Accepted keys are keys that the provider issued or that this service made.
//! 4. The current key is accepted as soon as it is known. Only retirement and revocation remove a key.
//! 5. A delivery is rejected for good only after a read that began after it arrived.
//! 6. A genuine delivery ends accepted or, for PandaDoc, is found by the sweep: its key is known some time.
//! 7. Reads and memory are bounded, whatever strangers send.
//! 8. From every state, without further faults, the rotation ends or asks for attention. `explore` checks this one.
//! 9. A restart rotates nothing that isn't due.
//! 10. No output has a key. The machine has no output; other tests read what the driver prints.
//!
//! There are exceptions to 5 and 6:
//!
//! - Nobody can read back a key that was replaced before it was read. Only a change at the dashboard, before or after,
//!   does that.
//! - A read that still shows the key from before a change at the dashboard rejects what the new key signed. Nothing here
//!   knows of that change.
//! - A delivery that a revoked key signed may be rejected. Nobody can tell it from a forgery.

use super::events::Broken;
use super::world::{accepted, bit, keys, Key, Keys, Reading, Request, World};
use super::{Rules, Without};
use crate::machine::event::Effect;
use crate::machine::policy::Maker;
use crate::machine::record::{Claim, Phase, Record};

/// Checks every world.
pub fn world(rules: &Rules, world: &World) -> Result<(), Broken> {
    let (known, accepted) = (world.known(), world.accepted());
    let current = bit(world.provider.current);
    let issued = bit(world.provider.issued) - 1;
    never(known & !issued, "3: a key is known that nobody issued")?;
    never(known & world.banned, "4: a key that leaked is back")?;
    let signs = match world.maker {
        Maker::Service => current,
        Maker::Provider => current & known & !revoked(&world.record),
    };
    never(signs & !accepted, "4: the current key isn't accepted")?;
    let fits = world.record.keys.len() <= usize::from(world.provider.issued);
    always(fits, "7: a key is stored twice")?;
    match rules.without {
        Some(Without::Reread) => rejected(world, world.live() & !accepted),
        Some(Without::StoreNeeded) => {
            let mut processes = world.processes.iter();
            let lost = processes.find(|process| process.is_alive && !process.has_store);
            rejected(
                world,
                lost.map_or(0, |process| world.live() & !process.ring),
            )
        }
        _ => Ok(()),
    }
}

/// Checks every change of the record.
pub fn change(
    rules: &Rules,
    world: &World,
    next: &Record<Key>,
    effects: &[Effect],
) -> Result<(), Broken> {
    let before = &world.record;
    keys_stay(world, next)?;
    if effects.contains(&Effect::Read) {
        let is_apart = before.asked_at + rules.policy.read_pause <= world.now;
        let is_noted = next.asked_at == world.now;
        always(
            is_apart && is_noted,
            "7: a read follows too soon on another",
        )?;
    }
    if next.epoch > before.epoch {
        let is_due = before.next_at.is_some_and(|at| at <= world.now);
        let is_forced = before.keys.iter().any(|key| key.revoked);
        let is_repeat = before.keys.iter().any(|key| !key.confirmed);
        always(
            is_due || is_forced || is_repeat,
            "9: a rotation begins that isn't due",
        )?;
    }
    Ok(())
}

fn keys_stay(world: &World, next: &Record<Key>) -> Result<(), Broken> {
    let before = &world.record;
    let gone = world.known() & !keys(next);
    let is_retirement = match world.maker {
        Maker::Provider => matches!(before.phase, Phase::Retiring { .. }),
        Maker::Service => before.phase == Phase::Overlap,
    };
    always(
        gone == 0 || is_retirement,
        "4: a key goes without being retired",
    )?;
    let needed = bit(world.provider.current) | world.live() & !revoked(before);
    never(
        gone & needed,
        "4: a key goes whose deliveries are on their way",
    )?;
    if world.maker == Maker::Service {
        let requests = world.requests.iter().flatten();
        let secrets = requests.fold(0, |secrets, request| secrets | bit(request.secret));
        never(
            gone & secrets,
            "4: a secret goes while a PUT of it may arrive",
        )?;
    }
    let rejected = world.accepted() & !accepted(next) & !gone;
    never(
        rejected & !revoked(next),
        "4: a key is accepted no more without being revoked",
    )?;
    let again = accepted(next) & world.known() & !world.accepted();
    never(again, "4: a key that leaked is accepted again")
}

/// Checks every request that is sent. With a rule switched off, the search is for what comes of it.
pub fn send(rules: &Rules, world: &World, claim: Claim, secret: Key) -> Result<(), Broken> {
    if rules.without.is_some() {
        return Ok(());
    }
    let is_durable = claim.epoch <= world.record.epoch;
    always(is_durable, "1: a request is sent without a durable claim")?;
    let mut requests = world.requests.iter().flatten();
    match world.maker {
        Maker::Provider => {
            let is_alone = requests.all(|request| request.applied.is_some());
            always(is_alone, "1: a PATCH is sent while another may arrive")?;
            always(
                claim.epoch > world.sent_epoch,
                "1: two PATCHes of one claim",
            )
        }
        Maker::Service => {
            never(
                bit(secret) & !world.known(),
                "2: a secret is sent that isn't durable",
            )?;
            let ready = world.processes.iter();
            let mut ready = ready.filter(|process| process.is_alive && process.has_store);
            let all_accept = ready.all(|process| process.ring & bit(secret) != 0);
            always(
                all_accept,
                "2: a secret is sent that a ready replica doesn't accept",
            )?;
            let policy = &rules.policy;
            let waits = |request: &Request| {
                let over_at = request.sent_at + policy.send_within + policy.answer_within;
                request.is_awaited && world.now < over_at && u64::from(request.from) != claim.owner
            };
            always(
                !requests.any(waits),
                "2: a PUT is retried while another process waits",
            )
        }
    }
}

/// Checks every change of the key by the provider.
pub fn replacement(world: &World, key: Key, at_dashboard: bool) -> Result<(), Broken> {
    let old = world.provider.current;
    let by_hand = at_dashboard || world.provider.dashboard & bit(old) != 0;
    let is_readable = key == old || world.known() & bit(old) != 0;
    always(
        by_hand || is_readable,
        "6: a key is replaced that nobody has read",
    )
}

/// Checks the moment at which process `p` rejects for good all that arrived before this read and still has no
/// key.
pub fn verdict(rules: &Rules, world: &World, p: usize, reading: Reading) -> Result<(), Broken> {
    // These two rules keep a key from being lost. They are tested without the help of this one.
    let is_other = matches!(rules.without, Some(Without::NoRepeat | Without::Settling));
    let is_settled = reading.began >= world.record.settle_until;
    let is_sure = is_settled || rules.without == Some(Without::Unsettled503);
    if is_other || !is_sure || !world.processes[p].has_store {
        return Ok(());
    }
    let unaware = match reading.is_stale {
        true => world.provider.dashboard,
        false => 0,
    };
    rejected(world, reading.live & !world.processes[p].ring & !unaware)
}

/// Deliveries of these keys are rejected for good.
fn rejected(world: &World, keys: Keys) -> Result<(), Broken> {
    let excepted = world.provider.unreadable | world.banned | revoked(&world.record);
    never(keys & !excepted, "5: a genuine delivery is rejected")
}

fn revoked(record: &Record<Key>) -> Keys {
    let revoked = record.keys.iter().filter(|key| key.revoked);
    revoked.fold(0, |keys, key| keys | bit(key.key))
}

/// No key does this.
fn never(keys: Keys, broken: &str) -> Result<(), Broken> {
    always(keys == 0, broken)
}

fn always(holds: bool, broken: &str) -> Result<(), Broken> {
    match holds {
        true => Ok(()),
        false => Err(broken.to_owned()),
    }
}
