//! Where reports go. Files are made before the scan begins, so that a wrong path costs no time.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anstream::StripStream;
use anyhow::{Context, bail};

use super::args::OutputArgs;
use super::command_escaper::escape_commands;
use super::streams::Streams;
use crate::model::{FilePath, Oid, Report, Time};
use crate::report::{self, Format, Pipeline, ReportOptions, UriBase};
use crate::rules::Ruleset;
use crate::source::git::Repository;

/// How many of the scanned paths are named in a title.
const SUBJECTS: usize = 3;

/// The places that a run's report goes to.
pub(super) struct Outputs {
    files: Vec<(Format, PathBuf, File)>,
    stdout: Option<Format>,
    show_secrets: bool,
    quiet: bool,
    verbose: bool,
    subject: String,
    /// Whether a hook tells what is on no other report, in its own words.
    is_hook: bool,
}

impl Outputs {
    /// Opens what `args` ask for.
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
        let open = |(format, path): (Format, PathBuf)| -> anyhow::Result<_> {
            let file = File::create(&path)
                .with_context(|| format!("the report {} cannot be written", path.display()))?;
            Ok((format, path, file))
        };
        let outputs = Self {
            files: files.into_iter().map(open).collect::<Result<_, _>>()?,
            stdout,
            show_secrets: args.show_secrets,
            quiet: args.quiet,
            verbose: args.verbose,
            subject: String::new(),
            is_hook: false,
        };
        let mut paths = outputs.paths();
        paths.sort();
        if let Some(pair) = paths.windows(2).find(|pair| pair[0] == pair[1]) {
            bail!("two reports cannot go to one file, {}", pair[0].display());
        }
        Ok(outputs)
    }

    /// Says what is scanned, for reports that have a title.
    pub(super) fn set_subject(&mut self, paths: &[PathBuf]) {
        let name = |path: &PathBuf| {
            // Of `.` and the like, the name of the folder.
            let whole = path.canonicalize().unwrap_or_else(|_| path.clone());
            whole.file_name().map(|name| name.to_string_lossy().into_owned())
        };
        let mut names: Vec<_> = paths.iter().take(SUBJECTS).filter_map(name).collect();
        if paths.len() > SUBJECTS {
            names.push(format!("{} more", paths.len() - SUBJECTS));
        }
        self.subject = names.join(", ");
    }

    /// The same for a hook: without a format, nothing goes to standard output.
    pub(super) fn of_hook(args: &OutputArgs) -> anyhow::Result<Self> {
        let mut outputs = Self::open(args)?;
        outputs.is_hook = args.output.is_none() && args.format.iter().all(|own| own.file.is_some());
        if outputs.is_hook {
            outputs.stdout = None;
        }
        Ok(outputs)
    }

    /// Whether a hook has to say what was found.
    pub(super) fn is_hook(&self) -> bool {
        self.is_hook
    }

    /// The files that are written, without links in their paths.
    pub(super) fn paths(&self) -> Vec<PathBuf> {
        let files = self.files.iter();
        let real = files.filter_map(|(_, path, _)| path.canonicalize().ok());
        // Devices take whatever is written, and are never scanned.
        real.filter(|path| path.is_file()).collect()
    }

    /// Whether any of them has the format.
    pub(super) fn has(&self, format: Format) -> bool {
        self.stdout == Some(format) || self.files.iter().any(|(own, ..)| *own == format)
    }

    /// Writes the report to all of them; what people must know goes to standard error where no
    /// human report is on standard output.
    pub(super) fn write(
        self,
        report: &Report,
        rules: &Ruleset,
        exit_code: u8,
        streams: &Streams,
    ) -> anyhow::Result<()> {
        let options = ReportOptions {
            show_secrets: self.show_secrets,
            quiet: self.quiet,
            verbose: self.verbose,
            exit_code,
            base: base(),
            subject: self.subject.clone(),
            finished_at: Time::now(),
            head: if self.has(Format::Gitlab) { head() } else { None },
            pipeline: Pipeline::new(|name| std::env::var(name).ok()),
        };
        let left_out = report::left_out_of_sarif(report, &options);
        if left_out > 0 && self.has(Format::Sarif) {
            let text = "places are not in the SARIF report, as GitHub keeps 5,000";
            // Whoever closes standard error must not lose the report, nor its exit code.
            let _ = writeln!(streams.err(), "note: {left_out} {text}");
        }
        for (format, path, file) in self.files {
            if let Err(error) = write_file(format, file, report, rules, &options) {
                // Not as a cause: a closed pipe would count as a quiet end.
                bail!("the report {} cannot be written: {error}", path.display());
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
                    // Data is written as it is: a colour code in it is part of it. In JSON, a
                    // character can be written in another way and stays the same.
                    Format::Json | Format::Jsonl | Format::Sarif | Format::Gitlab => {
                        put(&mut io::stdout(), &escape_commands(&text, "", "\\u0023"))
                    }
                    Format::Junit | Format::Html => {
                        put(&mut io::stdout(), &escape_commands(&text, "", "&#35;"))
                    }
                    Format::Markdown | Format::Csv => {
                        put(&mut io::stdout(), &escape_commands(&text, "\\x3a", "\\x23"))
                    }
                    // These are commands on purpose, and let no others in.
                    Format::Github => put(&mut io::stdout(), &text),
                };
                written.context("standard output cannot be written")
            }
        }
    }
}

/// Writes `text`. Whoever closes the pipe has seen enough: that is no error.
pub(super) fn put(out: &mut dyn Write, text: &[u8]) -> io::Result<()> {
    match out.write_all(text).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}

/// URIs begin at the top of the checkout that the current folder is in.
fn base() -> UriBase {
    let Ok(here) = std::env::current_dir() else {
        return UriBase::new(FilePath::from("."), None);
    };
    let root = here.ancestors().find(|folder| folder.join(".git").exists());
    UriBase::new(FilePath::from_path(&here), root.map(FilePath::from_path))
}

/// The commit that is checked out here.
fn head() -> Option<Oid> {
    let repository = Repository::open(Path::new(".")).ok()?;
    repository.head().ok()?
}

fn set(plain: &mut Option<Format>, format: Format) -> anyhow::Result<()> {
    if plain.replace(format).is_some() {
        bail!("only one format can go to standard output; write the others as FORMAT=FILE");
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

fn write_file(
    format: Format,
    file: File,
    report: &Report,
    rules: &Ruleset,
    options: &ReportOptions,
) -> io::Result<()> {
    let mut out = BufWriter::new(file);
    match format {
        Format::Human => {
            let mut text = StripStream::new(Vec::new());
            report::write(format, report, rules, options, &mut text)?;
            out.write_all(&text.into_inner())?;
        }
        Format::Json
        | Format::Jsonl
        | Format::Sarif
        | Format::Github
        | Format::Markdown
        | Format::Junit
        | Format::Csv
        | Format::Gitlab
        | Format::Html => {
            report::write(format, report, rules, options, &mut out)?;
        }
    }
    // A full disk may only show here.
    out.flush()
}
