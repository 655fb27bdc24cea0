//! The promises of a rotation, by the numbers of the design:
//!
//! 1. No PATCH without a durable claim, at most one for each claim, none while another may be on its way.
//! 2. Ratepay's secret is durable, and accepted by every ready replica, before it is sent.
//! 3. Accepted keys are keys that the provider issued or that this service made.
//! 4. The current key is accepted as soon as it is known. Only retirement and revocation remove a key.
//! 5. A delivery is rejected for good only after a read that began after it arrived.
//! 6. A genuine delivery ends accepted or, for PandaDoc, is found by the sweep: its key is known some time.
//! 7. Reads and memory are bounded, whatever strangers send.
//! 8. From every state, without further faults, the rotation ends or asks for attention. `explore` checks it.
//! 9. A restart rotates nothing that isn't due.
//! 10. No output has a key. This isn't the machine's: other tests read what is printed.
//!
//! Two exceptions, both of PandaDoc and both because nothing here knows of a change at the dashboard:
//!
//! - A key that was made there and replaced before it was read can't be read back. Nor can a key of ours whose answer
//!   was lost if somebody replaced it there.
//! - A read that still shows the key before such a change rejects deliveries that the new key signed.
//!
//! A delivery that a revoked key signed may be rejected: nobody can tell it from a forgery.

use super::events::Broken;
use super::world::{accepted, bit, Key, Keys, Reading, Request, World};
use super::{Rules, Without};
use crate::machine::policy::Maker;
use crate::machine::record::{Claim, Phase, Record};
use crate::machine::step::Effect;

/// What holds in every world.
pub fn world(rules: &Rules, world: &World) -> Result<(), Broken> {
    let (known, accepted) = (world.known(), world.accepted());
    let issued = bit(world.provider.issued) - 1;
    broken(
        known & !issued != 0,
        "3: a key is accepted that nobody issued",
    )?;
    broken(accepted == 0, "4: no key is accepted")?;
    broken(
        known & world.banned != 0,
        "4: a key that leaked and was dropped is back",
    )?;
    broken(
        world.record.keys.len() > usize::from(world.provider.issued),
        "7: a key is kept twice",
    )?;
    let current = bit(world.provider.current);
    if world.maker == Maker::Service {
        broken(
            accepted & current == 0,
            "4: Ratepay signs with a secret that isn't accepted",
        )?;
    } else if known & current != 0 && revoked(&world.record) & current == 0 {
        broken(
            accepted & current == 0,
            "4: the current key is known and not accepted",
        )?;
    }
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

/// What holds of every change of the record.
pub fn change(
    rules: &Rules,
    world: &World,
    next: &Record<Key>,
    effects: &[Effect],
) -> Result<(), Broken> {
    let before = &world.record;
    let keys = next.keys.iter().fold(0, |keys, key| keys | bit(key.key));
    let gone = world.known() & !keys;
    let retires = match world.maker {
        Maker::Provider => matches!(before.phase, Phase::Retiring { .. }),
        Maker::Service => before.phase == Phase::Overlap,
    };
    broken(gone != 0 && !retires, "4: a key goes without being retired")?;
    broken(
        gone & bit(world.provider.current) != 0,
        "4: the current key is dropped",
    )?;
    broken(
        gone & world.live() & !revoked(before) != 0,
        "4: a key is dropped whose deliveries are on their way",
    )?;
    let no_more = world.accepted() & !accepted(next) & !gone;
    broken(
        no_more & !revoked(next) != 0,
        "4: a key is accepted no more without being revoked",
    )?;
    let again = accepted(next) & world.known() & !world.accepted();
    broken(again != 0, "4: a key that leaked is accepted again")?;
    if world.maker == Maker::Service {
        let on_their_way = world.requests.iter().flatten();
        let secrets = on_their_way.fold(0, |keys, request| keys | bit(request.secret));
        broken(
            gone & secrets != 0,
            "4: a secret is dropped while a PUT of it may arrive",
        )?;
    }
    if effects.contains(&Effect::Read) {
        let is_apart =
            before.asked_at + rules.policy.read_pause <= world.now && next.asked_at == world.now;
        broken(!is_apart, "7: a read follows too soon on another")?;
    }
    if next.epoch > before.epoch {
        let is_due = before.next_at.is_some_and(|at| at <= world.now);
        let is_forced = before.keys.iter().any(|key| key.revoked);
        let is_repeat = before.keys.iter().any(|key| !key.confirmed);
        broken(
            !is_due && !is_forced && !is_repeat,
            "9: a rotation begins that isn't due",
        )?;
    }
    Ok(())
}

/// What holds whenever a request is sent. A rule that is switched off may break another promise than its own.
pub fn send(rules: &Rules, world: &World, claim: Claim, secret: Key) -> Result<(), Broken> {
    if rules.without.is_some() {
        return Ok(());
    }
    broken(
        claim.epoch > world.record.epoch,
        "1: a request is sent without a durable claim",
    )?;
    match world.maker {
        Maker::Provider => {
            let on_their_way = world.requests.iter().flatten();
            let may_arrive = on_their_way
                .filter(|request| request.applied.is_none())
                .count()
                > 0;
            broken(may_arrive, "1: a PATCH is sent while another may arrive")?;
            broken(
                claim.epoch <= world.sent_epoch,
                "1: two PATCHes of one claim",
            )
        }
        Maker::Service => {
            broken(
                world.known() & bit(secret) == 0,
                "2: a secret is sent that isn't durable",
            )?;
            let lacks = world.processes.iter().any(|process| {
                process.is_alive && process.has_store && process.ring & bit(secret) == 0
            });
            broken(
                lacks,
                "2: a secret is sent that a ready replica doesn't accept",
            )
        }
    }
}

/// What holds whenever the provider changes its key.
pub fn replacement(world: &World, key: Key, at_dashboard: bool) -> Result<(), Broken> {
    let old = bit(world.provider.current);
    let by_hand = at_dashboard || world.provider.dashboard & old != 0;
    let is_lost = key != world.provider.current && world.known() & old == 0 && !by_hand;
    broken(
        is_lost,
        "6: a key is replaced that nobody has read, so the sweep can't find its deliveries",
    )
}

/// What holds when process `p` rejects for good whatever arrived before this read and still has no key.
pub fn verdict(rules: &Rules, world: &World, p: usize, reading: Reading) -> Result<(), Broken> {
    // These two rules protect a key from being lost. They are tested without the help of this one.
    let is_other = matches!(rules.without, Some(Without::NoRepeat | Without::Settling));
    if is_other || !world.processes[p].has_store {
        return Ok(());
    }
    let is_settled = reading.began >= world.record.settle_until;
    if !is_settled && rules.without != Some(Without::Unsettled503) {
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
    let genuine = keys & !world.provider.unreadable & !world.banned & !revoked(&world.record);
    broken(genuine != 0, "5: a genuine delivery is rejected")
}

fn revoked(record: &Record<Key>) -> Keys {
    let revoked = record.keys.iter().filter(|key| key.revoked);
    revoked.fold(0, |keys, key| keys | bit(key.key))
}

fn broken(is_broken: bool, promise: &str) -> Result<(), Broken> {
    match is_broken {
        true => Err(promise.to_owned()),
        false => Ok(()),
    }
}
