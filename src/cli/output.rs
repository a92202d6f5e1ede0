//! Writes reports to their destinations. Files are checked before the scan, so that a wrong path is
//! noticed at once, and written as a whole after it.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anstream::StripStream;
use anyhow::{Context, bail};

use super::args::OutputArgs;
use super::command_escaper::escape_commands;
use super::interrupt::WriteLock;
use super::report_base;
use super::streams::Streams;
use crate::model::{Report, Time, check_replaceable, replace_file, replaced_path};
use crate::report::{self, Format, Pipeline, ReportOptions};
use crate::rules::Ruleset;

/// The most scanned paths in a title.
const SUBJECTS: usize = 3;

/// The destinations of a run's report.
pub(super) struct Outputs {
    files: Vec<(Format, PathBuf)>,
    stdout: Option<Format>,
    show_secrets: bool,
    quiet: bool,
    verbose: bool,
    subject: String,
    /// The scanned paths.
    scanned: Vec<PathBuf>,
    /// Set if a hook writes its own message, as there is no report on standard output.
    is_hook: bool,
}

impl Outputs {
    /// Opens the destinations that `args` name.
    pub(super) fn open(args: &OutputArgs) -> anyhow::Result<Self> {
        let mut files = Vec::new();
        let mut plain = None;
        for wanted in &args.format {
            match &wanted.file {
                Some(file) if file == Path::new("-") => set(&mut plain, wanted.format)?,
                Some(file) => files.push((wanted.format, file.clone())),
                None => set(&mut plain, wanted.format)?,
            }
        }
        let mut stdout = None;
        match &args.output {
            Some(file) if file != Path::new("-") => {
                let format = plain.or_else(|| by_ending(file)).unwrap_or(Format::Human);
                files.push((format, file.clone()));
            }
            _ => stdout = Some(plain.unwrap_or(Format::Human)),
        }
        for (_, path) in &files {
            check_replaceable(path)
                .with_context(|| format!("cannot write the report {}", path.display()))?;
        }
        let outputs = Self {
            files,
            stdout,
            show_secrets: args.show_secrets,
            quiet: args.quiet,
            verbose: args.verbose,
            subject: String::new(),
            scanned: Vec::new(),
            is_hook: false,
        };
        let mut paths = outputs.paths();
        paths.sort();
        if let Some(pair) = paths.windows(2).find(|pair| pair[0] == pair[1]) {
            bail!("two reports cannot share a file: {}", pair[0].display());
        }
        Ok(outputs)
    }

    /// Sets the title: the names of the scanned paths.
    pub(super) fn set_subject(&mut self, paths: &[PathBuf]) {
        let name = |path: &PathBuf| {
            // `.` and the like get the folder's name.
            let whole = path.canonicalize().unwrap_or_else(|_| path.clone());
            whole.file_name().map(|name| name.to_string_lossy().into_owned())
        };
        let mut names: Vec<_> = paths.iter().take(SUBJECTS).filter_map(name).collect();
        if paths.len() > SUBJECTS {
            names.push(format!("{} more", paths.len() - SUBJECTS));
        }
        self.subject = names.join(", ");
        self.scanned = paths.to_vec();
    }

    /// Like [`Self::open`], for a hook: without a format, nothing goes to standard output.
    pub(super) fn of_hook(args: &OutputArgs) -> anyhow::Result<Self> {
        let mut outputs = Self::open(args)?;
        outputs.is_hook = args.output.is_none() && args.format.iter().all(|own| own.file.is_some());
        if outputs.is_hook {
            outputs.stdout = None;
        }
        Ok(outputs)
    }

    /// True if a hook has to write its own message.
    pub(super) fn is_hook(&self) -> bool {
        self.is_hook
    }

    /// The report files, with links in their paths resolved.
    pub(super) fn paths(&self) -> Vec<PathBuf> {
        let real = self.files.iter().map(|(_, path)| replaced_path(path));
        // Devices are never scanned.
        real.filter(|path| path.is_file() || !path.exists()).collect()
    }

    /// True if a destination has the format.
    pub(super) fn has(&self, format: Format) -> bool {
        self.stdout == Some(format) || self.files.iter().any(|(own, _)| *own == format)
    }

    /// Writes the report to all destinations. Without a human report on standard output, its closing
    /// lines go to standard error.
    pub(super) fn write(
        self,
        report: &Report,
        rules: &Ruleset,
        exit_code: u8,
        streams: &Streams,
        lock: &WriteLock,
    ) -> anyhow::Result<()> {
        let tops = report_base::tops(&self.scanned, report);
        if tops.len() > 1
            && [Format::Sarif, Format::Gitlab, Format::Github].iter().any(|own| self.has(*own))
        {
            // A closed standard error must change neither the report nor the exit code.
            let _ = writeln!(
                streams.err(),
                "note: the scanned files are in {} repositories, and the paths of a report can begin in \
                 one only; scan each by itself to have paths that its host knows",
                tops.len()
            );
        }
        let options = ReportOptions {
            show_secrets: self.show_secrets,
            quiet: self.quiet,
            verbose: self.verbose,
            exit_code,
            base: report_base::base(&tops),
            subject: self.subject.clone(),
            finished_at: Time::now(),
            head: if self.has(Format::Gitlab) { report_base::head(&tops) } else { None },
            pipeline: Pipeline::new(|name| std::env::var(name).ok()),
        };
        let left_out = report::left_out_of_sarif(report, &options);
        if left_out > 0 && self.has(Format::Sarif) {
            let are = if left_out == 1 { "place is" } else { "places are" };
            let text = format!("{are} missing from the SARIF report, as GitHub keeps only 5,000");
            // A closed standard error must change neither the report nor the exit code.
            let _ = writeln!(streams.err(), "note: {left_out} {text}");
        }
        for (format, path) in self.files {
            let text = file_text(format, report, rules, &options)?;
            let held = lock.hold();
            let written = replace_file(&path, &text);
            drop(held);
            if let Err(error) = written {
                // Not as a cause, as a closed pipe would end the run quietly.
                bail!("cannot write the report {}: {error}", path.display());
            }
        }
        if self.stdout != Some(Format::Human) && !self.quiet && !self.is_hook {
            let _ = report::write_closing(report, &mut streams.err());
        }
        match self.stdout {
            None => Ok(()),
            Some(format) => {
                let mut text = Vec::new();
                report::write(format, report, rules, &options, &mut text)?;
                let written = match format {
                    Format::Human => put(&mut streams.out(), &text),
                    // Data keeps its colour codes. In JSON, an escaped character stays the same.
                    Format::Json | Format::Jsonl | Format::Sarif | Format::Gitlab => {
                        put(&mut io::stdout(), &escape_commands(&text, "", "\\u0023"))
                    }
                    Format::Junit | Format::Html => {
                        put(&mut io::stdout(), &escape_commands(&text, "", "&#35;"))
                    }
                    Format::Markdown | Format::Csv => {
                        put(&mut io::stdout(), &escape_commands(&text, "\\x3a", "\\x23"))
                    }
                    // These are commands on purpose, and contain no others.
                    Format::Github => put(&mut io::stdout(), &text),
                };
                written.context("cannot write to standard output")
            }
        }
    }
}

/// Writes `text`. A closed pipe is not an error: its reader has seen enough.
pub(super) fn put(out: &mut dyn Write, text: &[u8]) -> io::Result<()> {
    match out.write_all(text).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}

fn set(plain: &mut Option<Format>, format: Format) -> anyhow::Result<()> {
    if plain.replace(format).is_some() {
        bail!("only one format can go to standard output; write others with FORMAT=FILE");
    }
    Ok(())
}

fn by_ending(path: &Path) -> Option<Format> {
    match path.extension()?.to_str()? {
        "md" => Some(Format::Markdown),
        "xml" => Some(Format::Junit),
        ending => Format::by_name(ending),
    }
}

/// The text of a report for a file.
fn file_text(
    format: Format,
    report: &Report,
    rules: &Ruleset,
    options: &ReportOptions,
) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    match format {
        Format::Human => {
            let mut plain = StripStream::new(text);
            report::write(format, report, rules, options, &mut plain)?;
            text = plain.into_inner();
        }
        Format::Json
        | Format::Jsonl
        | Format::Sarif
        | Format::Github
        | Format::Markdown
        | Format::Junit
        | Format::Csv
        | Format::Gitlab
        | Format::Html => report::write(format, report, rules, options, &mut text)?,
    }
    Ok(text)
}
