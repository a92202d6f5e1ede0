//! `keyside triage`: decides on one finding after the other. Each decision is written at once.

use std::fs;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use console::{Key, Term};

use super::args::{TriageArgs, TriageChoice};
use super::baseline::{folder_of, refuse_link, replace_settings};
use super::editor;
use super::sanitize::{mask_keys, sanitize};
use super::streams::Streams;
use super::{exit, interrupt, progress, repository};
use crate::config::Plan;
use crate::model::{
    Completeness, Day, FilePath, Finding, Fingerprint, Report, SettingsTextError, SourceKind,
    Terms, Time, read_settings,
};
use crate::report::{self, Format, ReportOptions, UriBase};
use crate::rules::Rule;
use crate::run::{self, Progress, ScanTarget};
use crate::suppress::{self, IgnoreEntry, IgnoreFile, IgnoreSubject};

/// The largest ignore file, in bytes.
const MAX_IGNORE_FILE: u64 = 1 << 20;

const HEAD: &str = "\
# Accepted findings, one a line: ID/KIND, until=2027-03-01, owner=@team and the reason.
";

const KEYS: &str = "a accept, r revoked, e edit, s skip, q quit";

/// A key that was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pressed {
    Accept,
    Revoked,
    Edit,
    Skip,
    Quit,
    Other,
}

/// The person who decides.
trait Decider {
    /// Waits for a key.
    fn key(&mut self) -> io::Result<Pressed>;
    /// Reads a line; `None` at the end of the input.
    fn line(&mut self) -> io::Result<Option<String>>;
    /// Opens the editor at a line of a file.
    fn edit(&mut self, file: &Path, line: u64) -> anyhow::Result<()>;
}

/// The person at the terminal.
struct AtTerminal(Term);

impl Decider for AtTerminal {
    fn key(&mut self) -> io::Result<Pressed> {
        let key = self.0.read_key_raw()?;
        let Key::Char(letter) = key else {
            let is_end = matches!(key, Key::CtrlC | Key::Escape);
            return Ok(if is_end { Pressed::Quit } else { Pressed::Other });
        };
        Ok(match letter.to_ascii_lowercase() {
            'a' => Pressed::Accept,
            'r' => Pressed::Revoked,
            'e' => Pressed::Edit,
            's' | ' ' => Pressed::Skip,
            // Ctrl-C and Ctrl-D, too.
            'q' | '\u{3}' | '\u{4}' => Pressed::Quit,
            _ => Pressed::Other,
        })
    }

    fn line(&mut self) -> io::Result<Option<String>> {
        let mut line = String::new();
        let read = io::stdin().lock().read_line(&mut line)?;
        Ok((read > 0).then_some(line))
    }

    fn edit(&mut self, file: &Path, line: u64) -> anyhow::Result<()> {
        editor::open(file, line)
    }
}

pub(super) fn triage(args: TriageArgs, streams: &Streams) -> anyhow::Result<u8> {
    let (settings, choice) = args.split()?;
    repository::check_folder(&choice.path)?;
    let paths = [choice.path.clone()];
    let plan = settings.plan(&paths)?;
    if !plan.rules.rules.iter().any(Rule::is_reported) {
        bail!("no rule is left to scan with: see --only and --disable");
    }
    let progress = Progress::default();
    interrupt::install_handler(&progress, streams)?;
    let report = progress::shown(true, &progress, || {
        run::run(&plan, &mut [ScanTarget::Paths(&paths)], false, &progress)
    });
    report::write_notices(&report, false, &mut streams.err())?;
    let mut out = streams.out();
    let is_interactive = io::stdin().is_terminal() && io::stdout().is_terminal();
    let left = if is_interactive {
        let file = folder_of(&choice.path).join(suppress::FILE_NAME);
        let file = file.strip_prefix(".").map(Path::to_owned).unwrap_or(file);
        let mut decider = AtTerminal(Term::stdout());
        let job = TriageJob { plan: &plan, report: &report, choice: &choice, file };
        job.decide(&mut decider, Day::of(Time::now()), &mut out)?
    } else {
        list(&plan, &report, &mut out)?
    };
    Ok(match (left, report.state()) {
        (0, Completeness::Complete) => exit::CLEAN,
        (0, Completeness::Incomplete) => exit::INCOMPLETE,
        _ => exit::FOUND,
    })
}

/// Lists the findings; returns their number.
fn list(plan: &Plan, report: &Report, out: &mut dyn Write) -> anyhow::Result<usize> {
    let count = report.findings.len();
    for (nth, finding) in report.findings.iter().enumerate() {
        show(plan, report, (nth, finding), out)?;
    }
    match count {
        0 => writeln!(out, "nothing to decide")?,
        _ => writeln!(out, "{count} to decide: run `keyside triage` in a terminal")?,
    }
    Ok(count)
}

fn show(
    plan: &Plan,
    report: &Report,
    (nth, finding): (usize, &Finding),
    out: &mut dyn Write,
) -> io::Result<()> {
    let all = report.findings.len();
    writeln!(out, "{} of {all}", nth + 1)?;
    let alone = Report {
        findings: vec![finding.clone()],
        hidden: Vec::new(),
        suppressed: Vec::new(),
        notices: Vec::new(),
        ledger: None,
        ..report.clone()
    };
    let options = ReportOptions {
        show_secrets: false,
        quiet: true,
        verbose: false,
        exit_code: exit::FOUND,
        base: UriBase::new(FilePath::from("."), None),
        subject: String::new(),
        finished_at: Time::now(),
        head: None,
        pipeline: None,
    };
    report::write(Format::Human, &alone, &plan.rules, &options, out)
}

/// The findings to decide on, and the file that takes the decisions.
struct TriageJob<'t> {
    plan: &'t Plan,
    report: &'t Report,
    choice: &'t TriageChoice,
    file: PathBuf,
}

impl TriageJob<'_> {
    /// Asks about each finding; returns how many are left.
    fn decide(
        &self,
        decider: &mut dyn Decider,
        today: Day,
        out: &mut dyn Write,
    ) -> anyhow::Result<usize> {
        let all = self.report.findings.len();
        let mut decided = 0;
        'findings: for (nth, finding) in self.report.findings.iter().enumerate() {
            show(self.plan, self.report, (nth, finding), out)?;
            loop {
                write!(out, "{KEYS}: ")?;
                out.flush()?;
                let pressed = decider.key()?;
                writeln!(out)?;
                match pressed {
                    Pressed::Accept => {
                        if self.accept(finding, decider, out)? {
                            decided += 1;
                            break;
                        }
                    }
                    Pressed::Revoked => {
                        let terms = Terms { until: None, owner: self.choice.owner.clone() };
                        self.add(finding, &terms, &format!("revoked, seen on {today}"), out)?;
                        decided += 1;
                        break;
                    }
                    Pressed::Edit => edit(finding, decider, out)?,
                    Pressed::Skip => break,
                    Pressed::Quit => break 'findings,
                    Pressed::Other => {}
                }
            }
        }
        let left = all - decided;
        let name = sanitize(&self.file.display().to_string());
        match (all, left) {
            (0, _) => writeln!(out, "nothing to decide")?,
            (_, 0) => writeln!(out, "{decided} decided, in {name}; nothing is left")?,
            _ => writeln!(out, "{decided} decided, in {name}; {left} left for the next run")?,
        }
        Ok(left)
    }

    /// Asks for the reason and accepts the finding; false if there is none.
    fn accept(
        &self,
        finding: &Finding,
        decider: &mut dyn Decider,
        out: &mut dyn Write,
    ) -> anyhow::Result<bool> {
        write!(out, "why (until=2027-03-01 and owner=@team may stand in it): ")?;
        out.flush()?;
        let Some(line) = decider.line()? else { return Ok(false) };
        let (mut terms, reason) = match Terms::take(&line) {
            Ok(said) => said,
            Err(fault) => {
                writeln!(out, "{}", sanitize(&fault))?;
                return Ok(false);
            }
        };
        if reason.is_empty() {
            writeln!(out, "a reason is needed")?;
            return Ok(false);
        }
        terms.until = terms.until.or(self.choice.until);
        terms.owner = terms.owner.or(self.choice.owner.clone());
        self.add(finding, &terms, &reason, out)?;
        Ok(true)
    }

    /// Adds an entry to the file.
    fn add(
        &self,
        finding: &Finding,
        Terms { until, owner }: &Terms,
        reason: &str,
        out: &mut dyn Write,
    ) -> anyhow::Result<()> {
        let until = until.map(|day| format!(" until={day}")).unwrap_or_default();
        let owner = owner.as_ref().map(|owner| format!(" owner={owner}")).unwrap_or_default();
        let path = finding.occurrences[0].provenance.path.to_text();
        // A path may have words that look like terms.
        let is_plain = matches!(Terms::take(&path), Ok((terms, _)) if terms == Terms::default());
        let place = if is_plain { format!(" in {path}") } else { String::new() };
        let why = mask_keys(&format!("{owner} {reason} ({}{place})", finding.rule_id));
        let entry = format!("{}/{}{until}{why}", finding.id, finding.kind.name());
        let entry: String = entry.chars().filter(|c| !c.is_control()).collect();
        add_entry(&self.file, finding.id, &entry, self.plan.policy.today())?;
        writeln!(out, "{}: {}", sanitize(&self.file.display().to_string()), sanitize(&entry))?;
        Ok(())
    }
}

/// Opens the finding's file in the editor.
fn edit(finding: &Finding, decider: &mut dyn Decider, out: &mut dyn Write) -> anyhow::Result<()> {
    let first = &finding.occurrences[0];
    if first.provenance.source != SourceKind::Tree {
        writeln!(out, "it is in no file of the tree")?;
        return Ok(());
    }
    let file = first.provenance.path.to_path();
    match decider.edit(&file, first.region.start.line) {
        Ok(()) => writeln!(out, "skip it (s) if it is mended: the next run reads the file again")?,
        Err(error) => writeln!(out, "{}", sanitize(&format!("{error:#}")))?,
    }
    Ok(())
}

/// Adds an entry for `id` to the ignore file, which need not exist, in place of those that have ended.
fn add_entry(path: &Path, id: Fingerprint, line: &str, today: Option<Day>) -> anyhow::Result<()> {
    let name = path.display().to_string();
    refuse_link(path)?;
    let old = match read_settings(path, MAX_IGNORE_FILE) {
        Ok(text) => text,
        Err(SettingsTextError::Read(error)) if error.kind() == io::ErrorKind::NotFound => {
            HEAD.to_owned()
        }
        Err(error) => return Err(error).with_context(|| format!("cannot read {name}")),
    };
    // Line ends of Windows stay.
    let is_windows = fs::read(path).is_ok_and(|bytes| bytes.windows(2).any(|pair| pair == b"\r\n"));
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let parsed = IgnoreFile::parse(&name, folder, &old)?;
    let is_own = |own: &&IgnoreEntry| match own.subject {
        IgnoreSubject::Finding(other, _) => other == id,
        IgnoreSubject::Paths { .. } => false,
    };
    let ended: Vec<_> = parsed.ended(today).filter(is_own).map(|own| own.line).collect();
    let kept = (1..).zip(old.lines()).filter(|(number, _)| !ended.contains(number));
    let mut text = String::new();
    for line in kept.map(|(_, line)| line).chain([line]) {
        text.push_str(line);
        text.push_str(if is_windows { "\r\n" } else { "\n" });
    }
    IgnoreFile::parse(&name, folder, &text)?;
    replace_settings(path, &text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Settings;
    use crate::rules::{Rng, Template};

    /// A person whose answers are known before.
    struct Scripted {
        keys: Vec<Pressed>,
        lines: Vec<&'static str>,
        edited: Vec<(PathBuf, u64)>,
    }

    impl Decider for Scripted {
        fn key(&mut self) -> io::Result<Pressed> {
            Ok(if self.keys.is_empty() { Pressed::Quit } else { self.keys.remove(0) })
        }

        fn line(&mut self) -> io::Result<Option<String>> {
            Ok((!self.lines.is_empty()).then(|| self.lines.remove(0).to_owned()))
        }

        fn edit(&mut self, file: &Path, line: u64) -> anyhow::Result<()> {
            self.edited.push((file.to_owned(), line));
            Ok(())
        }
    }

    /// Triages a folder; returns what was left, the output and the ignore file.
    fn triaged(
        folder: &Path,
        decider: &mut Scripted,
        owner: Option<&str>,
    ) -> (usize, String, String) {
        let paths = [folder.to_owned()];
        let plan = Settings::default().plan(&paths).unwrap();
        let mut targets = [ScanTarget::Paths(&paths)];
        let report = run::run(&plan, &mut targets, false, &Progress::default());
        let choice =
            TriageChoice { path: folder.to_owned(), owner: owner.map(str::to_owned), until: None };
        let file = folder.join(suppress::FILE_NAME);
        let job = TriageJob { plan: &plan, report: &report, choice: &choice, file: file.clone() };
        let mut out = Vec::new();
        let left = job.decide(decider, "2026-11-29".parse().unwrap(), &mut out).unwrap();
        let written = fs::read_to_string(file).unwrap_or_default();
        (left, String::from_utf8(out).unwrap(), written)
    }

    #[test]
    fn each_decision_is_written_and_the_next_run_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let template = Template::parse("sk_v1_{alnum:43}").unwrap();
        for nth in 1..=4 {
            let key = template.fill(&mut Rng::new(nth));
            fs::write(folder.path().join(format!("{nth}.txt")), format!("\nk = '{key}'\n"))
                .unwrap();
        }
        let mut decider = Scripted {
            keys: vec![
                Pressed::Other,
                Pressed::Accept,
                Pressed::Accept,
                Pressed::Edit,
                Pressed::Skip,
                Pressed::Revoked,
                Pressed::Quit,
            ],
            lines: vec!["  ", "until=2027-03-01 a test key owner=@qa"],
            edited: Vec::new(),
        };
        let (left, out, file) = triaged(folder.path(), &mut decider, Some("@team"));
        assert_eq!(left, 2);
        assert!(out.contains("a reason is needed") && out.contains("3 of 4"), "{out}");
        assert_eq!(decider.edited, [(folder.path().join("2.txt"), 2)]);
        let lines: Vec<_> = file.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(lines.len(), 2, "{file}");
        assert!(
            lines[0].contains("/secret until=2027-03-01 owner=@qa a test key (magicx-"),
            "{file}"
        );
        assert!(lines[1].contains("/secret owner=@team revoked, seen on 2026-11-29 ("), "{file}");
        // What is decided is not asked again.
        let quits = || Scripted { keys: Vec::new(), lines: Vec::new(), edited: Vec::new() };
        let (left, out, _) = triaged(folder.path(), &mut quits(), None);
        assert!(left == 2 && out.contains("1 of 2") && out.contains("2.txt:2"), "{out}");
    }

    #[test]
    fn a_file_from_windows_keeps_its_line_ends() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(suppress::FILE_NAME);
        let id = "ks1:00112233445566778899";
        fs::write(&file, "# a\r\ntests/").unwrap();
        let add = |line: &str| {
            let today = Some("2026-11-29".parse().unwrap());
            add_entry(&file, id.parse().unwrap(), line, today)
        };
        let read = || fs::read_to_string(&file).unwrap();
        add(&format!("{id} until=2026-11-28 why")).unwrap();
        assert_eq!(read(), format!("# a\r\ntests/\r\n{id} until=2026-11-28 why\r\n"));
        // One that has ended makes room.
        add(&format!("{id}/secret why")).unwrap();
        let text = read();
        assert_eq!(text, format!("# a\r\ntests/\r\n{id}/secret why\r\n"));
        assert!(add("ks1:0 why").is_err());
        assert_eq!(read(), text);
    }
}
