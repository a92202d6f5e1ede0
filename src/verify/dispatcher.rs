//! Sends requests: two at a time per host, within a budget and a time limit, with retries.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::answer;
use super::key::VerifyResults;
use super::options::VerifyOptions;
use super::request::{RequestPlan, not_checked};
use super::transport::{Failure, Reply, Transport};
use super::watch::Watch;
use crate::model::{Call, Liveness, Time, Verification};

/// Concurrent requests to one host.
const AT_A_TIME: usize = 2;

/// The interval of checks for a stop or the end.
const STEP: Duration = Duration::from_millis(20);

/// Limits of attempts and waiting times.
#[derive(Debug, Clone, Copy)]
pub(super) struct RetryLimits {
    /// Requests per key.
    attempts: u32,
    /// The wait before the second attempt, unless the host asks for another.
    first_wait: Duration,
    /// The longest wait that a host can ask for; beyond it, its remaining keys stay unchecked.
    longest_wait: Duration,
    /// The time after the start in which requests may begin.
    total: Duration,
    /// The time limit of a request.
    timeout: Duration,
}

/// The recorded answer of a request that was sent but not waited for.
const GIVEN_UP: &str = "not waited for";

const INTERRUPTED: &str = "the run was interrupted";

/// State shared by the threads, which are not joined when a run is stopped.
struct DispatchState<T> {
    plan: RequestPlan,
    transport: Arc<T>,
    limits: RetryLimits,
    /// Requests that may still be sent.
    budget: AtomicU64,
    all: u64,
    watch: Watch,
    end: Instant,
    /// Set once results are final, so that no further request is sent.
    is_closed: Mutex<bool>,
}

/// The requests to one host.
struct HostQueue {
    name: String,
    jobs: Vec<usize>,
    next: AtomicUsize,
    /// The end of the pause that the host asked for.
    resumes: Mutex<Option<Instant>>,
}

/// Messages from the threads.
enum DispatchEvent {
    /// A request is being sent.
    Sent(CallKey, Time),
    /// Its answer.
    Answered(CallKey, String),
    /// The result for a key.
    Decided(usize, Verification),
}

/// An attempt to send a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct CallKey {
    job: usize,
    /// Index of its target.
    target: usize,
    /// Counts from 1.
    attempt: u32,
}

/// A verification run.
pub(super) struct Dispatcher<T> {
    shared: Arc<DispatchState<T>>,
}

impl<T: Transport + 'static> Dispatcher<T> {
    pub(super) fn new(
        plan: RequestPlan,
        transport: Arc<T>,
        options: &VerifyOptions,
        watch: &Watch,
    ) -> Self {
        let limits = RetryLimits {
            attempts: 3,
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(30),
            total: Duration::from_secs(300),
            timeout: options.timeout,
        };
        Self::with_limits(plan, transport, options.budget, watch, limits)
    }

    fn with_limits(
        plan: RequestPlan,
        transport: Arc<T>,
        budget: u64,
        watch: &Watch,
        limits: RetryLimits,
    ) -> Self {
        let end = Instant::now() + limits.total;
        let (all, watch) = (budget, watch.clone());
        let budget = AtomicU64::new(budget);
        let is_closed = Mutex::new(false);
        let shared = DispatchState { plan, transport, limits, budget, all, watch, end, is_closed };
        Self { shared: Arc::new(shared) }
    }

    /// Sends all requests and returns the results.
    pub(super) fn run(self) -> VerifyResults {
        let shared = self.shared;
        let watch = &shared.watch;
        let count = shared.plan.requests.len();
        watch.keys.store(count as u64, Ordering::Relaxed);
        watch.is_idle.store(false, Ordering::SeqCst);
        let (events, received) = mpsc::channel();
        for host in hosts(&shared) {
            let workers = AT_A_TIME.min(host.jobs.len());
            let host = Arc::new(host);
            for _ in 0..workers {
                let (shared, host, events) = (shared.clone(), host.clone(), events.clone());
                thread::spawn(move || shared.work(&host, &events));
            }
        }
        drop(events);
        let log = shared.collect(&received);
        watch.is_idle.store(true, Ordering::SeqCst);
        log.results(&shared)
    }
}

/// Groups the requests by host.
fn hosts<T>(shared: &DispatchState<T>) -> Vec<HostQueue> {
    let mut jobs: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (job, request) in shared.plan.requests.iter().enumerate() {
        jobs.entry(&request.targets[0].host).or_default().push(job);
    }
    let hosts = jobs.into_iter().map(|(name, jobs)| HostQueue {
        name: name.to_owned(),
        jobs,
        next: AtomicUsize::new(0),
        resumes: Mutex::new(None),
    });
    hosts.collect()
}

impl<T: Transport> DispatchState<T> {
    /// A thread's work: a host's requests, one by one.
    fn work(&self, host: &HostQueue, events: &Sender<DispatchEvent>) {
        while let Some(&job) = host.jobs.get(host.next.fetch_add(1, Ordering::Relaxed)) {
            let decided = self.check_key(job, host, events);
            self.watch.decided.fetch_add(1, Ordering::Relaxed);
            // The receiver is gone if the run was stopped.
            if events.send(DispatchEvent::Decided(job, decided)).is_err() {
                return;
            }
        }
    }

    /// Asks about one key: each target in turn until one says that it is live. It is dead if all of
    /// them say so.
    fn check_key(
        &self,
        job: usize,
        host: &HostQueue,
        events: &Sender<DispatchEvent>,
    ) -> Verification {
        let mut all = Vec::new();
        for target in 0..self.plan.requests[job].targets.len() {
            let own = self.ask(job, target, host, events);
            if own.liveness == Liveness::Live {
                return own;
            }
            let is_over = own.liveness == Liveness::NotChecked;
            all.push(own);
            if is_over {
                break;
            }
        }
        match all.iter().position(|own| own.liveness != Liveness::Dead) {
            Some(first) => {
                let mut own = all.swap_remove(first);
                if first > 0 && own.liveness == Liveness::NotChecked {
                    own.liveness = Liveness::Unknown;
                }
                own
            }
            None => all.pop().unwrap_or_else(|| not_checked("the request has no address")),
        }
    }

    /// Asks one target about one key, with retries.
    fn ask(
        &self,
        job: usize,
        target: usize,
        host: &HostQueue,
        events: &Sender<DispatchEvent>,
    ) -> Verification {
        let request = &self.plan.requests[job];
        let mut last: Option<Verification> = None;
        for attempt in 1..=self.limits.attempts {
            let call = CallKey { job, target, attempt };
            if let Err(reason) = self.acquire(host) {
                // The result of the last attempt is better than none.
                return last.unwrap_or_else(|| not_checked(&reason));
            }
            if !self.announce(DispatchEvent::Sent(call, Time::now()), events) {
                return last.unwrap_or_else(|| not_checked(INTERRUPTED));
            }
            let sent = self.transport.send(request, &request.targets[target]);
            let answer = match &sent {
                Ok(reply) => reply.status.to_string(),
                Err(Failure(reason)) => reason.clone(),
            };
            let _ = events.send(DispatchEvent::Answered(call, answer));
            let reply = match sent {
                Ok(reply) => reply,
                Err(Failure(reason)) => return answer::unknown(reason),
            };
            let mut verification = answer::interpret(request, &reply);
            let wait = wait(&reply, attempt, self.limits.first_wait);
            let Some(wait) = wait else { return verification };
            if attempt > 1 {
                verification.reason.push_str(&format!(", {attempt} times"));
            }
            self.pause(host, wait);
            last = Some(verification);
        }
        last.unwrap_or_else(|| not_checked("no attempt was made"))
    }

    /// Waits until a request may be sent and takes it from the budget, or returns why it may not.
    fn acquire(&self, host: &HostQueue) -> Result<(), String> {
        loop {
            if self.watch.is_stopped.load(Ordering::SeqCst) {
                return Err(INTERRUPTED.to_owned());
            }
            let now = Instant::now();
            if now >= self.end {
                let seconds = self.limits.total.as_secs();
                return Err(format!("verification reached its time limit of {seconds} s"));
            }
            let resumes = *host.resumes.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            let Some(left) = resumes.and_then(|resumes| resumes.checked_duration_since(now)) else {
                break;
            };
            if left > self.limits.longest_wait {
                return Err(format!("{} asks for too long a pause", host.name));
            }
            thread::sleep(left.min(STEP));
        }
        let take = |left: u64| left.checked_sub(1);
        let taken = self.budget.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take);
        let spent = |_| format!("the budget of {} requests is spent (--verify-budget)", self.all);
        taken.map(drop).map_err(spent)
    }

    /// Records a request just before it is sent; `false` if it may not be sent, as the ledger would
    /// lack it.
    fn announce(&self, event: DispatchEvent, events: &Sender<DispatchEvent>) -> bool {
        let is_closed = self.is_closed.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        !*is_closed && events.send(event).is_ok()
    }

    /// Pauses requests to a host.
    fn pause(&self, host: &HostQueue, wait: Duration) {
        let until = Instant::now().checked_add(wait);
        let mut resumes = host.resumes.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        *resumes = (*resumes).max(until);
    }

    /// Collects events until every key has a result, the run is stopped or its time is over.
    fn collect(&self, events: &Receiver<DispatchEvent>) -> EventLog {
        let mut log = EventLog::default();
        let end = self.end + self.limits.timeout + STEP;
        loop {
            match events.recv_timeout(STEP) {
                Ok(event) => log.take(event, self),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    let is_stopped = self.watch.is_stopped.load(Ordering::SeqCst);
                    if is_stopped || Instant::now() > end {
                        break;
                    }
                }
            }
        }
        *self.is_closed.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = true;
        events.try_iter().for_each(|event| log.take(event, self));
        log
    }
}

/// The wait before a retry; `None` if there is none.
fn wait(reply: &Reply, attempt: u32, first: Duration) -> Option<Duration> {
    if !matches!(reply.status, 429 | 503) {
        return None;
    }
    let wait = reply.header("Retry-After").and_then(|value| retry_after(value.trim()));
    Some(wait.unwrap_or(first * attempt))
}

/// Parses a `Retry-After` value: seconds or a date (RFC 9110, section 10.2.3).
fn retry_after(value: &str) -> Option<Duration> {
    if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        // More seconds than fit mean forever.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::from(u32::MAX))));
    }
    let date = jiff::fmt::rfc2822::parse(value).ok()?;
    let left = date.timestamp().as_second() - jiff::Timestamp::now().as_second();
    Some(Duration::from_secs(u64::try_from(left).unwrap_or(0)))
}

/// The calls and results of a run.
#[derive(Default)]
struct EventLog {
    calls: BTreeMap<CallKey, Call>,
    decided: BTreeMap<usize, Verification>,
}

impl EventLog {
    fn take<T>(&mut self, event: DispatchEvent, shared: &DispatchState<T>) {
        match event {
            DispatchEvent::Sent(key, at) => {
                let request = &shared.plan.requests[key.job];
                let call = Call {
                    sent_at: Some(at),
                    attempt: key.attempt,
                    answer: GIVEN_UP.to_owned(),
                    ..request.call_to(&request.targets[key.target])
                };
                self.calls.insert(key, call);
            }
            DispatchEvent::Answered(key, answer) => {
                if let Some(call) = self.calls.get_mut(&key) {
                    call.answer = answer;
                }
            }
            DispatchEvent::Decided(job, verification) => {
                self.decided.insert(job, verification);
            }
        }
    }

    fn results<T>(self, shared: &DispatchState<T>) -> VerifyResults {
        let of_job = |job: usize| match self.decided.get(&job) {
            Some(decided) => decided.clone(),
            None if self.calls.keys().any(|key| key.job == job) => {
                answer::unknown("the run was interrupted before an answer came".to_owned())
            }
            None => not_checked(INTERRUPTED),
        };
        let of_keys = shared.plan.of_keys.iter();
        let verifications = of_keys.map(|own| match own {
            Ok(job) => of_job(*job),
            Err(reason) => not_checked(reason),
        });
        let verifications = verifications.collect();
        VerifyResults { verifications, calls: self.calls.into_values().collect() }
    }
}

#[cfg(test)]
#[cfg(feature = "verify")]
mod tests {
    use super::*;
    use crate::model::Secret;
    use crate::rules::{Rng, RuleFile, Ruleset};
    use crate::verify::request::{Request, Target, plan};
    use crate::verify::{KeyToVerify, VerifySettings};

    /// Answers with a status, and stops the run after a number of requests.
    struct Fake {
        status: u16,
        retry_after: &'static str,
        stops_after: usize,
        watch: Watch,
        asked: AtomicUsize,
    }

    impl Transport for Fake {
        fn send(&self, _: &Request, _: &Target) -> Result<Reply, Failure> {
            if self.asked.fetch_add(1, Ordering::SeqCst) + 1 >= self.stops_after {
                self.watch.is_stopped.store(true, Ordering::SeqCst);
            }
            let headers = vec![("retry-after".to_owned(), self.retry_after.to_owned())];
            Ok(Reply { status: self.status, headers, body: None })
        }
    }

    const PATIENCE: RetryLimits = RetryLimits {
        attempts: 3,
        first_wait: Duration::ZERO,
        longest_wait: Duration::from_secs(30),
        total: Duration::from_secs(60),
        timeout: Duration::from_secs(1),
    };

    /// Asks about four keys; returns the results and the number of requests.
    fn answers(limits: RetryLimits, budget: u64, fake: Fake) -> (Vec<Verification>, usize) {
        let rules = Ruleset::built_in();
        let rule = rules.by_id("magicx-secret-key").unwrap();
        let secrets: Vec<_> = (0..4)
            .map(|seed| {
                let body = Rng::new(seed).text("ABCDEFGHabcdefgh01234567", 43);
                Secret::new(format!("sk_v1_{body}").as_bytes(), 6)
            })
            .collect();
        let keys: Vec<_> =
            secrets.iter().map(|secret| KeyToVerify { rule, secret, pair: None }).collect();
        let options = VerifyOptions::new(&VerifySettings::default(), &rules).unwrap();
        let jobs = plan(&keys, &rules, &options);
        let (watch, fake) = (fake.watch.clone(), Arc::new(fake));
        let pool = Dispatcher::with_limits(jobs, fake.clone(), budget, &watch, limits);
        let answers = pool.run();
        assert!(watch.is_idle.load(Ordering::SeqCst));
        let asked = fake.asked.load(Ordering::SeqCst);
        assert!(answers.calls.len() >= asked);
        (answers.verifications, asked)
    }

    fn fake(status: u16, retry_after: &'static str) -> Fake {
        let watch = Watch::default();
        Fake { status, retry_after, stops_after: usize::MAX, watch, asked: AtomicUsize::new(0) }
    }

    fn count(all: &[Verification], liveness: Liveness) -> usize {
        all.iter().filter(|own| own.liveness == liveness).count()
    }

    #[test]
    fn what_passes_is_tried_three_times_within_the_budget() {
        let (all, asked) = answers(PATIENCE, 100, fake(503, "0"));
        assert_eq!((count(&all, Liveness::Unknown), asked), (4, 12));
        assert!(all.iter().all(|own| own.reason.ends_with("(503), 3 times")), "{all:?}");
        let (_, asked) = answers(PATIENCE, 5, fake(429, ""));
        assert_eq!(asked, 5);
        let (all, asked) = answers(PATIENCE, 100, fake(200, ""));
        assert_eq!((count(&all, Liveness::Live), asked), (4, 4));
        let (all, asked) = answers(PATIENCE, 3, fake(500, ""));
        assert_eq!((count(&all, Liveness::NotChecked), asked), (1, 3));
    }

    /// Answers by host.
    struct Regions(Vec<(&'static str, u16)>);

    impl Transport for Regions {
        fn send(&self, _: &Request, target: &Target) -> Result<Reply, Failure> {
            let (_, status) = self.0.iter().find(|(host, _)| *host == target.host).unwrap();
            Ok(Reply { status: *status, headers: Vec::new(), body: None })
        }
    }

    /// The verdict about a key of a provider with three regions, and the statuses of the requests.
    fn asked_in_turn(answers: &[(&'static str, u16)], budget: u64) -> (Liveness, Vec<String>) {
        let text = "[provider]\nid = \"own\"\nname = \"Own\"\nurl = \"https://example.com\"\n\
            hosts = [\"a.example.com\", \"b.example.com\", \"c.example.com\"]\n\
            [[rule]]\nid = \"own-key\"\npattern = 'own_[a-z]{20}'\n\
            [rule.verify]\nmethod = \"GET\"\nurl = \"https://a.example.com/me\"\n\
            hosts = [\"b.example.com\", \"c.example.com\"]\n\
            headers = { X-Key = \"{secret}\" }\n\
            [[rule.verify.answer]]\nstatus = 200\nverdict = \"live\"\nreason = \"it works\"\n\
            [[rule.verify.answer]]\nstatus = 401\nverdict = \"dead\"\nreason = \"it does not\"\n";
        let file = RuleFile { name: "own.toml".to_owned(), text: text.to_owned() };
        let rules = Ruleset::only(&[file]).unwrap();
        let secret = Secret::new(b"own_abcdefghijklmnopqrst", 4);
        let keys = [KeyToVerify { rule: &rules.rules[0], secret: &secret, pair: None }];
        let options = VerifyOptions::new(&VerifySettings::default(), &rules).unwrap();
        let jobs = plan(&keys, &rules, &options);
        let transport = Arc::new(Regions(answers.to_vec()));
        let watch = Watch::default();
        let results = Dispatcher::with_limits(jobs, transport, budget, &watch, PATIENCE).run();
        let calls = results.calls.into_iter().map(|call| format!("{} {}", call.url, call.answer));
        (results.verifications[0].liveness, calls.collect())
    }

    #[test]
    fn a_key_is_dead_only_if_every_region_says_so() {
        let (a, b, c) = ("a.example.com", "b.example.com", "c.example.com");
        for (answers, budget, expected, asked) in [
            ([(a, 200), (b, 401), (c, 401)], 9, Liveness::Live, 1),
            ([(a, 401), (b, 200), (c, 401)], 9, Liveness::Live, 2),
            ([(a, 500), (b, 401), (c, 200)], 9, Liveness::Live, 3),
            ([(a, 401), (b, 401), (c, 401)], 9, Liveness::Dead, 3),
            ([(a, 401), (b, 500), (c, 401)], 9, Liveness::Unknown, 3),
            ([(a, 401), (b, 401), (c, 401)], 2, Liveness::Unknown, 2),
            ([(a, 401), (b, 401), (c, 401)], 0, Liveness::NotChecked, 0),
        ] {
            let (liveness, calls) = asked_in_turn(&answers, budget);
            assert_eq!((liveness, calls.len()), (expected, asked), "{answers:?} {calls:?}");
        }
    }

    #[test]
    fn a_run_ends() {
        let late = RetryLimits { total: Duration::ZERO, ..PATIENCE };
        let (all, asked) = answers(late, 100, fake(200, ""));
        assert_eq!((count(&all, Liveness::NotChecked), asked), (4, 0));
        assert!(all[0].reason.contains("limit"), "{all:?}");
        let (all, asked) = answers(PATIENCE, 100, fake(429, "99999999999999999999"));
        assert!((1..=2).contains(&asked), "{asked}");
        assert_eq!(count(&all, Liveness::Unknown), asked);
        let (all, asked) = answers(PATIENCE, 100, Fake { stops_after: 1, ..fake(200, "") });
        assert!((1..=2).contains(&asked), "{asked}");
        assert!(count(&all, Liveness::NotChecked) >= 2, "{all:?}");
    }

    #[test]
    fn hosts_say_how_long_to_wait() {
        let second = Duration::from_secs(1);
        let of = |status, retry_after: &str, attempt| {
            let headers = vec![("Retry-After".to_owned(), retry_after.to_owned())];
            wait(&Reply { status, headers, body: None }, attempt, second)
        };
        assert_eq!(of(429, "7", 1), Some(7 * second));
        assert_eq!(of(503, " 0 ", 1), Some(Duration::ZERO));
        assert_eq!(of(429, "soon", 2), Some(2 * second));
        assert_eq!(of(429, "-1", 1), Some(second));
        assert_eq!(of(429, "Wed, 21 Oct 2015 07:28:00 GMT", 1), Some(Duration::ZERO));
        assert!(of(429, "Fri, 21 Oct 2095 07:28:00 GMT", 1) > Some(86_400 * second));
        assert!(of(429, "99999999999999999999", 1) > Some(86_400 * second));
        for status in [200, 401, 403, 500, 502, 504] {
            assert_eq!(of(status, "1", 1), None);
        }
    }
}
