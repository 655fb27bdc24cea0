//! One rotation, from the first start of the service to the end of the old key, over the deaths of its processes.

use std::collections::VecDeque;
use std::fmt;
use std::fs::{read_to_string, File};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::net::TcpSocket;
use tokio::sync::mpsc;
use tokio::time::{sleep, Instant};
use webhook_subscriptions::rotate::SealingKey;
use webhook_subscriptions::testing::{
    FaultEffect, FaultHit, InjectedFault, RecordedRequest, RefusedConnections, Simulator,
};

use super::child::{to_millis, Millis, Settings};
use super::plan::{Kill, Met, Plan, Trouble};
use super::process::{Boundary, Executioner, Process};
use super::report::{Asleep, Command, Report};
use super::traffic::{Fate, Traffic, Victim};
use crate::service::Way;
use crate::world::World;

const SECOND: Millis = 1000;
const MINUTE: Millis = 60 * SECOND;

/// More ticks of the clock than any run takes.
const MOST_TICKS: usize = 5_000;

/// After so many genuine deliveries comes a forged one.
const FORGED_EVERY: usize = 6;

/// After so much real time the clock is moved although the rotation isn't known to wait for it.
const SILENCE: Duration = Duration::from_millis(60);

/// Runs a plan, and checks that nothing is lost.
pub async fn run<S: Victim>(plan: Plan) -> Met {
    let mut run = Run::<S>::new(plan).await;
    run.complete().await;
    run.check();
    run.met()
}

struct Run<S: Victim> {
    plan: Plan,
    kills: VecDeque<Kill>,
    world: Arc<World<S>>,
    settings: Settings,
    executioner: Executioner,
    process: Option<Process>,
    requests: mpsc::UnboundedReceiver<Option<FaultEffect>>,
    traffic: Traffic<S>,
    faults: Vec<InjectedFault<FaultHit>>,
    /// Whether the clock has come to the first rotation. Deliveries begin then: PandaDoc's history forgets them after
    /// 15 days, and a subscription whose deliveries fail for a week is switched off.
    is_begun: bool,
    is_to_refuse: bool,
    refusal: Option<(RefusedConnections, Millis)>,
    told: Told,
    heard: Instant,
    ticks: usize,
    ticked: Instant,
    missed: Missed,
    began: Millis,
    folder: TempDir,
    log: File,
    _port: TcpSocket,
}

/// The reports of the present child.
#[derive(Default)]
struct Told {
    is_ready: bool,
    /// The event that the child waited for in its last report.
    asleep: Option<Asleep>,
    /// Whether it still waits, as far as is known.
    is_asleep: bool,
}

/// The deliveries that the history has.
enum Missed {
    NotAsked,
    Asked,
    Found(Vec<u64>),
}

impl<S: Victim> Run<S> {
    async fn new(plan: Plan) -> Self {
        let (port, address) = reserve_port();
        let executioner = Executioner::default();
        let (requested, requests) = mpsc::unbounded_channel();
        let observer = executioner.clone();
        let builder = Simulator::builder()
            .delivery_attempts(1)
            .pandadoc_requests_per_minute(None)
            .on_request(move |request: &RecordedRequest| {
                requested.send(request.fault).ok();
                let operation = request.operation.map_or("unknown", |it| it.id());
                observer.pass(format!("at a request, {operation}"));
            });
        let path = match plan.way {
            Way::Layer => "layer",
            Way::VerifyRequest => "verify-request",
        };
        let url = format!("http://{address}/{path}");
        let world = Arc::new(World::<S>::delivering_to(builder, &url).await);
        let folder = TempDir::new().unwrap();
        let log = File::create(folder.path().join("log")).unwrap();
        let faults = plan.troubles.iter().filter_map(|trouble| match trouble {
            Trouble::Fault(fault) => Some(world.simulator.inject(fault.clone())),
            Trouble::Refusal => None,
        });
        let key = plan.sealed.then(SealingKey::generate);
        Self {
            faults: faults.collect(),
            settings: Settings {
                subscription: S::subscription(&world.subscription),
                base_url: world.simulator.base_url().to_owned(),
                credential: S::credential(&world.simulator),
                folder: folder.path().join("keys"),
                sealing_key: key.map(|key| key.to_base64().expose_secret().to_owned()),
                port: address.port(),
                now: 0,
            },
            traffic: Traffic::new(world.clone(), address, plan.way),
            kills: plan.kills.iter().cloned().collect(),
            began: to_millis(world.clock.now()),
            is_begun: false,
            is_to_refuse: plan
                .troubles
                .iter()
                .any(|it| matches!(it, Trouble::Refusal)),
            plan,
            world,
            executioner,
            process: None,
            requests,
            refusal: None,
            told: Told::default(),
            heard: Instant::now(),
            ticks: 0,
            ticked: Instant::now(),
            missed: Missed::NotAsked,
            folder,
            log,
            _port: port,
        }
    }

    fn now(&self) -> Millis {
        to_millis(self.world.clock.now())
    }

    /// Starts one child after another until one has completed the rotation and all deliveries have ended.
    async fn complete(&mut self) {
        loop {
            let killed = self.executioner.killed().len();
            let (boundary, end) = match self.kills.front().cloned() {
                Some(Kill::AtBoundary(boundary)) => (Some(boundary), None),
                Some(Kill::After(time)) => (None, Some(Instant::now() + time)),
                None => (None, None),
            };
            self.start(boundary);
            if self.attend(end).await {
                return;
            }
            self.executioner.end();
            // Otherwise the child ended because it couldn't start.
            if self.executioner.killed().len() > killed {
                self.kills.pop_front();
                if self.is_begun {
                    // Nobody is there to accept them.
                    self.traffic.deliver(1);
                    self.traffic.deliver(usize::MAX);
                    self.traffic.ledger().answered().await;
                }
            }
        }
    }

    fn start(&mut self, kill_at: Option<Boundary>) {
        self.settings.now = self.now();
        let process = Process::start(&self.settings, &self.log, &self.executioner, kill_at);
        self.process = Some(process);
        self.told = Told::default();
        if let Missed::Asked = self.missed {
            self.missed = Missed::NotAsked;
        }
    }

    /// Works with a child until it ends, or until it is done. Returns whether it is done.
    async fn attend(&mut self, end: Option<Instant>) -> bool {
        while !self.is_done() {
            let reports = &mut self.process.as_mut().unwrap().reports;
            tokio::select! {
                biased;
                report = reports.recv() => {
                    let Some(report) = report else {
                        return false;
                    };
                    self.heard = Instant::now();
                    self.hear(report);
                }
                Some(fault) = self.requests.recv() => {
                    self.heard = Instant::now();
                    if let Some(FaultEffect::Delayed { by, .. }) = fault {
                        // Otherwise the request times out.
                        if by < Duration::from_secs(60) {
                            self.advance(by.as_millis() as Millis);
                        }
                    }
                }
                () = sleep(Duration::from_millis(1)) => {
                    if end.is_some_and(|end| end <= Instant::now()) {
                        self.executioner.kill("at a random moment");
                    } else if self.is_tick_due() {
                        self.tick().await;
                    }
                }
            }
        }
        true
    }

    fn hear(&mut self, report: Report) {
        match report {
            Report::BeforeSwap(phase) => self.pass(format!("before a swap, {phase}")),
            Report::AfterSwap(phase) => self.pass(format!("after a swap, {phase}")),
            Report::Ready => self.told.is_ready = true,
            // The child ends.
            Report::NotStarted(_) => {}
            Report::Asleep(asleep) => {
                self.told.is_asleep = true;
                self.told.asleep = Some(asleep);
            }
            Report::Missed(Some(numbers)) => self.missed = Missed::Found(numbers),
            Report::Missed(None) => self.ask_for_missed(),
        }
    }

    fn pass(&mut self, boundary: String) {
        self.told.is_asleep = false;
        if self.executioner.pass(boundary) {
            self.tell(&Command::GoOn);
        }
    }

    fn tell(&mut self, command: &Command) {
        self.process.as_mut().unwrap().tell(command);
    }

    fn is_tick_due(&self) -> bool {
        let silent = self.heard.max(self.ticked).elapsed() > SILENCE;
        let is_waiting = self.told.is_asleep && self.traffic.ledger().under_way() == 0;
        let is_asked = matches!(self.missed, Missed::Asked);
        self.told.is_ready && !is_asked && (is_waiting || silent)
    }

    /// Moves the clock to the next time at which something is due, and sends deliveries.
    async fn tick(&mut self) {
        self.ticks += 1;
        assert!(self.ticks < MOST_TICKS, "it doesn't end: {self}");
        self.ticked = Instant::now();
        let now = self.now();
        let mut next = now + SECOND;
        if let Some(asleep) = self.told.asleep.clone() {
            next = next.max(self.next(&asleep, now));
            self.react(&asleep, now).await;
            if let Missed::Asked = self.missed {
                return;
            }
        }
        self.told.is_asleep = false;
        self.advance(next - now);
        let next_at = self.told.asleep.as_ref().and_then(|asleep| asleep.next_at);
        self.is_begun |= next_at.is_some_and(|at| at <= next);
        self.traffic.ledger().tick();
        if self.is_begun && !self.is_complete() {
            if self
                .traffic
                .ledger()
                .fates()
                .len()
                .is_multiple_of(FORGED_EVERY)
            {
                self.traffic.forge();
            }
            self.traffic.deliver(1 + self.ticks % 3);
            self.traffic.deliver(1 + self.ticks % 2);
        }
    }

    fn advance(&mut self, by: Millis) {
        self.world.clock.advance(Duration::from_millis(by));
        let now = self.now();
        self.tell(&Command::Time(now));
        if self
            .refusal
            .as_ref()
            .is_some_and(|(_, until)| *until <= now)
        {
            self.refusal = None;
        }
    }

    /// The next time at which something is due. The long wait for the next attempt is one step, unless a request is
    /// still to arrive meanwhile.
    fn next(&self, asleep: &Asleep, now: Millis) -> Millis {
        let may_arrive = |hit: &FaultHit| matches!(hit.effect, FaultEffect::NotYetApplied { .. });
        let mut faults = self.faults.iter();
        let may_arrive = faults.any(|fault| fault.hits().iter().any(may_arrive));
        match asleep.next_at.filter(|_| self.waits(asleep) && !may_arrive) {
            _ if self.insists(asleep) => now,
            Some(next_at) => asleep.until.max(next_at),
            None => asleep.until.min(now + MINUTE),
        }
    }

    /// Whether somebody asks for the rotation again.
    fn insists(&self, asleep: &Asleep) -> bool {
        self.plan.insists && self.is_begun && self.waits(asleep)
    }

    /// Whether the rotation waits for its time, or after an attempt that failed.
    fn waits(&self, asleep: &Asleep) -> bool {
        match &*asleep.phase {
            "steady" => asleep.newest == 1,
            phase => phase == "prepared",
        }
    }

    /// Does what an operator would do.
    async fn react(&mut self, asleep: &Asleep, now: Millis) {
        if asleep.phase == "attention" {
            self.tell(&Command::Resume);
        }
        if self.insists(asleep) {
            self.tell(&Command::Rotate);
        }
        let is_due = asleep.newest == 1 && asleep.next_at.is_some_and(|at| at > now);
        if is_due && std::mem::take(&mut self.is_to_refuse) {
            let refused = self.world.simulator.refuse_connections().await.unwrap();
            self.refusal = Some((refused, asleep.next_at.unwrap() + 5 * MINUTE));
        }
        self.traffic.ledger().may_give_up(asleep.newest == 1);
        if asleep.phase == "overlap" && asleep.newest == 2 {
            if let Missed::NotAsked = self.missed {
                self.ask_for_missed();
            }
        }
    }

    fn ask_for_missed(&mut self) {
        self.missed = Missed::Asked;
        let since = self.began - MINUTE;
        self.tell(&Command::Missed { since });
    }

    fn is_complete(&self) -> bool {
        let asleep = self.told.asleep.as_ref();
        asleep.is_some_and(|it| it.phase == "steady" && it.newest == 2 && it.keys == 1)
    }

    fn is_done(&self) -> bool {
        let is_found = matches!(self.missed, Missed::Found(_));
        let is_pending = !self.traffic.ledger().with(Fate::Pending).is_empty();
        is_found && !is_pending && self.is_complete()
    }

    /// Checks that nothing was lost.
    fn check(&self) {
        self.executioner.end();
        assert_eq!(
            self.world.generation(),
            2,
            "how many keys there were: {self}"
        );
        let Missed::Found(missed) = &self.missed else {
            unreachable!()
        };
        let mut lost = self.traffic.ledger().with(Fate::GivenUp);
        lost.retain(|number| !missed.contains(&(*number as u64)));
        assert_eq!(lost, [0; 0], "lost deliveries: {self}");
        let ledger = self.traffic.ledger();
        assert_eq!(
            ledger.rejected(),
            0,
            "genuine deliveries that were rejected: {self}"
        );
        assert_eq!(
            ledger.forged().1,
            0,
            "forged deliveries that were accepted: {self}"
        );
    }

    fn met(self) -> Met {
        let ledger = self.traffic.ledger();
        let fates = ledger.fates();
        let later = |fate: &&Fate| matches!(fate, Fate::Accepted(2..));
        Met {
            killed: self.executioner.killed(),
            passed: self.executioner.passed(),
            hits: self.faults.iter().map(|fault| fault.hits().len()).collect(),
            deliveries: fates.len(),
            forged: ledger.forged().0,
            accepted_later: fates.iter().filter(later).count(),
            missed: ledger.with(Fate::GivenUp).len(),
        }
    }
}

/// The events so far, for the message of a failed check.
impl<S: Victim> fmt::Display for Run<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:?}", self.plan)?;
        writeln!(f, "killed: {:?}", self.executioner.killed())?;
        writeln!(f, "boundaries: {:?}", self.executioner.passed())?;
        for fault in &self.faults {
            writeln!(f, "{:?}", fault.hits())?;
        }
        writeln!(f, "{:?}", self.told.asleep)?;
        f.write_str(&read_to_string(self.folder.path().join("log")).unwrap_or_default())
    }
}

impl<S: Victim> Drop for Run<S> {
    fn drop(&mut self) {
        self.executioner.end();
    }
}

/// Takes a port that only a child can listen at. Without this, another socket could take it while no child lives.
fn reserve_port() -> (TcpSocket, SocketAddr) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}
