//! `keyside triage`, in a pseudo-terminal and without one.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::Stdio;
use std::sync::mpsc;
use std::time::Duration;

use crate::support::{AIMAGICX, Dir, SECRET};

/// The longest time that an answer of the program may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A run in a terminal.
struct Terminal {
    keys: File,
    shown: mpsc::Receiver<Vec<u8>>,
    text: String,
    child: std::process::Child,
}

impl Terminal {
    fn new(dir: &Dir, args: &[&str]) -> Self {
        use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
        let own = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&own).unwrap();
        unlockpt(&own).unwrap();
        let name = ptsname(&own, Vec::new()).unwrap().into_string().unwrap();
        let end =
            || -> OwnedFd { File::options().read(true).write(true).open(&name).unwrap().into() };
        let mut started = None;
        // The command is dropped with its ends of the terminal, so that reading ends with the program.
        dir.command(args, b"")
            .env("TERM", "xterm")
            .env("NO_COLOR", "1")
            .env("EDITOR", "touch edited;:")
            .with(|command| {
                command
                    .stdin(Stdio::from(end()))
                    .stdout(Stdio::from(end()))
                    .stderr(Stdio::from(end()));
                started = Some(command.spawn().unwrap());
            });
        let keys: File = own.into();
        let mut screen = keys.try_clone().unwrap();
        let (send, shown) = mpsc::channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = screen.read(&mut buffer) {
                let _ = send.send(buffer[..read].to_vec());
            }
        });
        Self { keys, shown, text: String::new(), child: started.unwrap() }
    }

    /// Waits for a text, and forgets what was before it.
    fn wait_for(&mut self, text: &str) -> &mut Self {
        loop {
            if let Some(at) = self.text.find(text) {
                self.text.drain(..at + text.len());
                return self;
            }
            let more = self.shown.recv_timeout(PATIENCE);
            let more = more.unwrap_or_else(|_| panic!("`{text}` is not in\n{}", self.text));
            self.text.push_str(&String::from_utf8_lossy(&more));
        }
    }

    fn press(&mut self, keys: &str) -> &mut Self {
        // The program discards what comes before it waits.
        std::thread::sleep(Duration::from_millis(200));
        self.keys.write_all(keys.as_bytes()).unwrap();
        self
    }

    fn end(mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }
}

const ASKED: &str = "q quit: ";

#[test]
fn keys_decide_and_the_next_run_goes_on() {
    let dir = Dir::new();
    for path in ["a.txt", "b.txt", "c until=2001-01-01.txt"] {
        dir.write(path, format!("k = '{}'\n", dir.key(SECRET)));
    }
    let mut first = Terminal::new(&dir, &["triage", "--owner", "@team"]);
    first
        .wait_for("1 of 3")
        .wait_for("a.txt:1")
        .wait_for(ASKED)
        .press("e")
        .wait_for(ASKED)
        .press("a");
    first
        .wait_for("why")
        .press("made up for tests\n")
        .wait_for("2 of 3")
        .wait_for(ASKED)
        .press("q");
    first.wait_for("1 decided, in .keysideignore; 2 left");
    assert_eq!(first.end(), Some(1));
    assert!(dir.path().join("edited").exists());
    let mut second = Terminal::new(&dir, &["triage"]);
    second.wait_for("1 of 2").wait_for("b.txt:1").wait_for(ASKED).press("r").wait_for("2 of 2");
    second.wait_for(ASKED).press("a").wait_for("why").press("until=9999-12-31 rotate\n");
    second.wait_for("2 decided, in .keysideignore; nothing is left");
    assert_eq!(second.end(), Some(0));
    let file = fs::read_to_string(dir.path().join(".keysideignore")).unwrap();
    let entries: Vec<_> = file.lines().filter(|line| line.starts_with("ks1:")).collect();
    let says = |nth: usize, text: &str| entries[nth].contains(text);
    assert!(
        says(0, "/secret owner=@team made up for tests (magicx-secret-key in a.txt)"),
        "{file}"
    );
    assert!(
        says(1, "/secret revoked, seen on 2") && says(2, "/secret until=9999-12-31 rotate"),
        "{file}"
    );
    dir.run(&["scan"]).expect(0).out("3 by .keysideignore");
    dir.run(&["triage"]).expect(0).out("nothing to decide");
}

#[test]
fn without_a_terminal_the_findings_are_listed() {
    let dir = Dir::new();
    dir.write("a.txt", dir.key(SECRET));
    dir.write("b.txt", dir.key(AIMAGICX));
    let run = dir.pipe(&["triage"], b"a\nwhy\n").expect(1);
    run.out("1 of 2").out("b.txt:1:1").out("2 to decide: run `keyside triage` in a terminal");
    assert!(!dir.path().join(".keysideignore").exists());
    dir.run(&["triage", "nowhere"]).expect(3);
    dir.run(&["triage", "--owner", "a b"]).expect(2).err("--owner takes one word");
    dir.run(&["triage", "--until", "soon"]).expect(2).err("not a day");
}
