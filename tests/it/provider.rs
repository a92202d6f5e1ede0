//! A provider on this machine: gives configured answers and records the requests.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// A text that a real answer may hold but no output.
pub(crate) const MARK: &str = "words-of-the-answer";

/// An answer to a request.
#[derive(Clone)]
pub(crate) enum Answer {
    /// Sends these bytes.
    Bytes(String),
    /// Closes the connection without an answer.
    Close,
    /// Keeps the connection open without an answer.
    Hang,
}

impl Answer {
    /// A whole HTTP response.
    pub(crate) fn new(status: u16, headers: &[(&str, &str)], body: &str) -> Self {
        let mut text = format!("HTTP/1.1 {status} Status\r\nContent-Length: {}\r\n", body.len());
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        Self::Bytes(text + "\r\n" + body)
    }

    pub(crate) fn json(status: u16, body: &str) -> Self {
        Self::new(status, &[("Content-Type", "application/json")], body)
    }

    /// An error of AI Magicx.
    pub(crate) fn error(status: u16, code: &str) -> Self {
        let error = format!(r#""code":"{code}","message":"{MARK}","status":{status}"#);
        Self::json(status, &format!(r#"{{"success":false,"error":{{{error}}}}}"#))
    }
}

/// A received request.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// The request line.
    pub(crate) line: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    /// The whole request.
    pub(crate) bytes: Vec<u8>,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    fn new(bytes: Vec<u8>) -> Self {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let mut lines = head.lines();
        let line = lines.next().unwrap_or_default().to_owned();
        let headers = lines.filter_map(|line| line.split_once(": "));
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { line, headers, body: body.to_owned(), bytes }
    }
}

type Respond = dyn Fn(&Asked, usize) -> Answer + Send + Sync;

struct Shared {
    asked: Mutex<Vec<Asked>>,
    now: AtomicUsize,
    most: AtomicUsize,
    latency: Duration,
    respond: Box<Respond>,
}

/// The server. It serves until the test process ends.
pub(crate) struct Provider {
    port: u16,
    shared: Arc<Shared>,
}

impl Provider {
    /// Answers each request by `respond`, which also gets the number of earlier requests.
    pub(crate) fn new(respond: impl Fn(&Asked, usize) -> Answer + Send + Sync + 'static) -> Self {
        Self::with_latency(Duration::ZERO, respond)
    }

    pub(crate) fn with_latency(
        latency: Duration,
        respond: impl Fn(&Asked, usize) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            asked: Mutex::default(),
            now: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
            latency,
            respond: Box::new(respond),
        });
        let own = shared.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = own.clone();
                thread::spawn(move || shared.serve(stream));
            }
        });
        Self { port, shared }
    }

    /// Always gives the same answer.
    pub(crate) fn saying(answer: Answer) -> Self {
        Self::new(move |_, _| answer.clone())
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.shared.asked.lock().unwrap().clone()
    }

    /// The largest number of concurrent requests.
    pub(crate) fn most(&self) -> usize {
        self.shared.most.load(Ordering::SeqCst)
    }

    /// Waits until `count` requests have arrived.
    pub(crate) fn await_requests(&self, count: usize) {
        let begun = Instant::now();
        while self.asked().len() < count {
            assert!(begun.elapsed() < Duration::from_secs(60), "the requests never came");
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Shared {
    fn serve(&self, mut stream: TcpStream) {
        let Some(bytes) = read(&mut stream) else { return };
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        let asked = Asked::new(bytes);
        let before = {
            let mut all = self.asked.lock().unwrap();
            all.push(asked.clone());
            all.len() - 1
        };
        thread::sleep(self.latency);
        let answer = (self.respond)(&asked, before);
        self.now.fetch_sub(1, Ordering::SeqCst);
        match answer {
            Answer::Bytes(text) => {
                let _ = stream.write_all(text.as_bytes());
            }
            Answer::Close => {}
            Answer::Hang => {
                let _ = stream.read(&mut [0]);
            }
        }
    }
}

/// Reads a whole request, or whatever arrived instead.
fn read(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let count = stream.read(&mut buffer).ok()?;
        bytes.extend_from_slice(&buffer[..count]);
        let methods: [&[u8]; 3] = [b"GET ", b"POST ", b"CONNECT "];
        let is_http = methods.iter().any(|method| bytes.starts_with(method));
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        if count == 0 || !is_http {
            return (!bytes.is_empty()).then_some(bytes);
        }
        let Some(end) = end else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.and_then(|length| length.parse().ok()).unwrap_or(0);
        if bytes.len() >= end + 4 + length {
            return Some(bytes);
        }
    }
}
