//! Collects the events and their times, for the screen and for the picture.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use webhook_subscriptions::rotate::TimeSource;
use webhook_subscriptions::testing::Provider;

use super::fast_time::FastTime;
use super::status::Status;

/// Prints a line. Tests keep the lines instead.
pub type Say = Arc<dyn Fn(&str) + Send + Sync>;

/// Prints what happens, and keeps it.
pub struct Timeline {
    time: FastTime,
    say: Say,
    events: Mutex<Events>,
    /// Lines that aren't printed yet.
    lines: Mutex<Vec<(SystemTime, String)>>,
}

#[derive(Clone, Default)]
pub struct Events {
    pub pandadoc: Track,
    pub ratepay: Track,
    /// When the service was killed, and when it was started again.
    pub downtimes: Vec<(SystemTime, Option<SystemTime>)>,
}

/// The history of the key of one provider.
#[derive(Clone, Default)]
pub struct Track {
    /// When each phase began.
    pub phases: Vec<(SystemTime, String)>,
    /// From when to when the service accepted each key, by its number.
    pub keys: BTreeMap<u64, (SystemTime, Option<SystemTime>)>,
    /// The faults and when they occurred.
    pub faults: Vec<(SystemTime, &'static str)>,
}

impl Timeline {
    pub fn new(time: FastTime, say: Say) -> Self {
        Self {
            time,
            say,
            events: Mutex::default(),
            lines: Mutex::default(),
        }
    }

    /// Has a line printed, with the minutes and seconds since the start.
    pub fn say(&self, who: &str, what: &str) {
        self.say_at(self.time.now(), who, what);
    }

    fn say_at(&self, at: SystemTime, who: &str, what: &str) {
        let since = at.duration_since(self.time.began()).unwrap_or_default();
        let (minutes, seconds) = (since.as_secs() / 60, since.as_secs() % 60);
        let line = format!("{minutes:>5}:{seconds:02}  {who:<9}  {what}");
        lock(&self.lines).push((at, line));
    }

    /// Prints the lines since the last time, in order.
    pub fn print(&self) {
        let mut lines = std::mem::take(&mut *lock(&self.lines));
        lines.sort_by_key(|(at, _)| *at);
        for (_, line) in lines {
            (self.say)(&line);
        }
    }

    pub fn fault(&self, provider: Provider, at: SystemTime, name: &'static str) {
        self.say_at(at, name_of(provider), &format!("! {name}"));
        self.events().of(provider).faults.push((at, name));
    }

    pub fn killed(&self) {
        self.say("service", "! killed");
        self.events().downtimes.push((self.time.now(), None));
    }

    pub fn started_again(&self) {
        self.say("service", "started again");
        if let Some((_, end)) = self.events().downtimes.last_mut() {
            *end = Some(self.time.now());
        }
    }

    /// Notes a status, and prints it if the phase or the keys have changed.
    pub fn note(&self, provider: Provider, status: &Status, now: SystemTime) {
        let mut events = self.events();
        let track = events.of(provider);
        let mut has_changed = false;
        for key in &status.generations {
            track.keys.entry(key.number).or_insert_with(|| {
                has_changed = true;
                (key.learned, None)
            });
        }
        for (number, (_, end)) in &mut track.keys {
            if end.is_none() && !status.generations.iter().any(|key| key.number == *number) {
                has_changed = true;
                *end = Some(now);
            }
        }
        let since = status.since;
        if track
            .phases
            .last()
            .is_none_or(|(at, phase)| *at != since || *phase != status.phase)
        {
            has_changed = true;
            track.phases.push((since, status.phase.clone()));
        }
        drop(events);
        if has_changed {
            self.say_at(since, name_of(provider), &status.told());
        }
    }

    /// Returns all that happened so far.
    pub fn so_far(&self) -> Events {
        self.events().clone()
    }

    fn events(&self) -> MutexGuard<'_, Events> {
        lock(&self.events)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Events {
    pub fn of(&mut self, provider: Provider) -> &mut Track {
        match provider {
            Provider::PandaDoc => &mut self.pandadoc,
            _ => &mut self.ratepay,
        }
    }
}

pub fn name_of(provider: Provider) -> &'static str {
    match provider {
        Provider::PandaDoc => "PandaDoc",
        _ => "Ratepay",
    }
}
