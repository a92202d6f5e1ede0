//! Declarations of variables in dotenv files, container files, workflows, platform settings and
//! scripts. Other files of this folder read each format; this one resolves references between
//! variables where that makes a key.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::input::{Files, KeyFinder};
use crate::js::ir::Span;
use crate::leak::FileSpan;
use crate::notice::AnalysisNotice;
use crate::variables::entry::{Assignment, is_name, moved};
use crate::variables::expansion::{expand, references};
use crate::variables::{docker, dotenv, scripts, settings, workflow};

/// Larger files are not settings that somebody wrote.
pub(crate) const MAX_FILE: usize = 1 << 20;

/// A declaration of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Declaration {
    /// The name.
    pub name: String,
    /// Its value.
    pub value: Declared,
    /// The place of the name and, if it follows, the value.
    pub at: FileSpan,
    /// The place of the value alone, in the same file.
    pub value_at: Span,
    /// The kind of place, for people: `.env file`, `Dockerfile`, `workflow`.
    pub place: &'static str,
    /// True for an example that nothing reads: `.env.example`.
    pub is_example: bool,
    /// True if only development reads it: `.env.development`.
    pub is_for_development: bool,
}

/// The value of a declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Declared {
    /// A text, with its references expanded.
    Text(String),
    /// The values of these variables or secrets, possibly with text between them.
    Refers(Vec<String>),
    /// None: it is only declared (`ARG X`), or empty.
    Nothing,
}

/// The formats of files that declare variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DeclarationFormat {
    Dotenv,
    Docker,
    Yaml,
    Json,
    Package,
    Toml,
    Script,
}

/// The files of a project that declare variables. Many apps have those above them in common, so that each
/// is read once.
pub(crate) struct DeclaringFiles<'f> {
    files: &'f dyn Files,
    keys: &'f dyn KeyFinder,
    known: Mutex<HashMap<String, Arc<WrittenFile>>>,
}

/// The entries of a file, and a notice if there was trouble.
#[derive(Default)]
struct WrittenFile {
    entries: Vec<Assignment>,
    notice: Option<AnalysisNotice>,
}

impl<'f> DeclaringFiles<'f> {
    /// None is read yet.
    pub(crate) fn new(files: &'f dyn Files, keys: &'f dyn KeyFinder) -> Self {
        Self { files, keys, known: Mutex::default() }
    }

    fn entries(&self, format: DeclarationFormat, path: &str) -> Arc<WrittenFile> {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(written) = known().get(path) {
            return Arc::clone(written);
        }
        let written = Arc::new(self.read(format, path));
        Arc::clone(known().entry(path.to_owned()).or_insert(written))
    }

    fn read(&self, format: DeclarationFormat, path: &str) -> WrittenFile {
        let notice = |message: String| AnalysisNotice::new(path, message);
        // The scan itself reports files that cannot be read.
        let Ok(Some(bytes)) = self.files.read(path) else { return WrittenFile::default() };
        if bytes.len() > MAX_FILE {
            let notice = Some(notice("too large to search for variables".to_owned()));
            return WrittenFile { notice, ..WrittenFile::default() };
        }
        let (mut entries, fault) = entries(format, &self.keys.text(&bytes));
        entries.retain(|entry| is_name(&entry.name) && self.keys.find(&entry.name).is_empty());
        WrittenFile { entries, notice: fault.map(notice) }
    }
}

/// The declarations in `app_files` and in `also`, files above the app, by place; and notices about
/// files that cannot be read.
pub(crate) fn declarations(
    files: &DeclaringFiles<'_>,
    app_files: &[String],
    also: &[&String],
) -> (Vec<Declaration>, Vec<AnalysisNotice>) {
    let keys = files.keys;
    let mut paths: Vec<&String> = app_files.iter().chain(also.iter().copied()).collect();
    paths.sort();
    paths.dedup();
    let read: Vec<(&String, &'static str, Arc<WrittenFile>)> = paths
        .into_iter()
        .filter_map(|path| {
            let (format, place) = format(path)?;
            Some((path, place, files.entries(format, path)))
        })
        .collect();
    let notices = read.iter().filter_map(|(.., file)| file.notice.clone()).collect();
    let written: Vec<(&String, &'static str, &Assignment)> = read
        .iter()
        .flat_map(|(path, place, file)| file.entries.iter().map(|entry| (*path, *place, entry)))
        .collect();
    let mut known: HashMap<(&str, &str), &str> = HashMap::new();
    for (path, _, entry) in &written {
        if let Some(value) = entry.value.as_deref().filter(|_| !is_example(path)) {
            known.insert((folder(path), &entry.name), value);
        }
    }
    let declared = written.iter().map(|(path, place, entry)| Declaration {
        name: entry.name.clone(),
        value: declared(entry, keys, &|name| known.get(&(folder(path), name)).copied()),
        at: FileSpan {
            path: path.as_str().into(),
            span: span(entry.name_at.start, entry.value_at.end),
        },
        value_at: span(entry.value_at.start, entry.value_at.end),
        place,
        is_example: is_example(path),
        is_for_development: is_for_development(path),
    });
    (declared.collect(), notices)
}

/// The value of an entry, with `known` variables inserted where that makes a key.
fn declared<'k>(
    entry: &Assignment,
    keys: &dyn KeyFinder,
    known: &dyn Fn(&str) -> Option<&'k str>,
) -> Declared {
    let Some(value) = entry.value.as_deref().filter(|value| !value.is_empty()) else {
        return Declared::Nothing;
    };
    let mut names = if entry.expands { references(value) } else { Vec::new() };
    names.retain(|name| keys.find(name).is_empty());
    if names.is_empty() || !keys.find(value).is_empty() {
        return Declared::Text(value.to_owned());
    }
    let has_key = |text: String| !keys.find(&text).is_empty();
    if let Some(text) = expand(value, known).filter(|text| has_key(text.clone())) {
        let of_part = |name: &String| known(name).and_then(|value| expand(value, known));
        if !names.iter().filter_map(of_part).any(has_key) {
            return Declared::Text(text);
        }
    }
    Declared::Refers(names)
}

/// The entries of a file and, if it cannot be read to its end, the reason.
fn entries(format: DeclarationFormat, text: &str) -> (Vec<Assignment>, Option<String>) {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let skipped = text.len() - body.len();
    let (entries, fault) = match format {
        DeclarationFormat::Dotenv => (dotenv::entries(body), None),
        DeclarationFormat::Docker => (docker::entries(body), None),
        DeclarationFormat::Script => (scripts::entries(body), None),
        DeclarationFormat::Yaml => workflow::entries(body),
        DeclarationFormat::Json => settings::of_json(body),
        DeclarationFormat::Package => settings::of_package(body),
        DeclarationFormat::Toml => settings::of_toml(body),
    };
    (entries.into_iter().map(|entry| moved(entry, skipped)).collect(), fault)
}

/// The format of a file, and its kind for people.
fn format(path: &str) -> Option<(DeclarationFormat, &'static str)> {
    let name = file_name(path);
    let lower = name.to_ascii_lowercase();
    let is_yaml = lower.ends_with(".yml") || lower.ends_with(".yaml");
    let stem = lower.rsplit_once('.').map_or(lower.as_str(), |(stem, _)| stem);
    if name == ".env"
        || name == ".envrc"
        || name.starts_with(".env.")
        || name.ends_with(".env")
        || name == ".dev.vars"
        || name.starts_with(".dev.vars.")
    {
        return Some((DeclarationFormat::Dotenv, ".env file"));
    }
    if stem == "dockerfile"
        || stem == "containerfile"
        || lower.starts_with("dockerfile.")
        || lower.starts_with("containerfile.")
        || lower.ends_with(".dockerfile")
    {
        return Some((DeclarationFormat::Docker, "Dockerfile"));
    }
    if is_yaml && (stem.starts_with("docker-compose") || stem.starts_with("compose")) {
        return Some((DeclarationFormat::Yaml, "compose file"));
    }
    let is_workflow = path.starts_with(".github/")
        || path.contains("/.github/")
        || path.starts_with(".circleci/")
        || path.contains("/.circleci/")
        || stem.ends_with(".gitlab-ci")
        || stem == "bitbucket-pipelines"
        || stem.starts_with("azure-pipelines")
        || stem == "cloudbuild";
    if is_yaml && is_workflow {
        return Some((DeclarationFormat::Yaml, "workflow"));
    }
    match lower.as_str() {
        "render.yaml" | "render.yml" | "amplify.yml" | "app.yaml" | "serverless.yml"
        | "serverless.yaml" | "template.yaml" | "template.yml" => {
            Some((DeclarationFormat::Yaml, "platform settings"))
        }
        "vercel.json" | "now.json" | "eas.json" | "wrangler.json" | "wrangler.jsonc" => {
            Some((DeclarationFormat::Json, "platform settings"))
        }
        "netlify.toml" | "wrangler.toml" | "fly.toml" => {
            Some((DeclarationFormat::Toml, "platform settings"))
        }
        "package.json" => Some((DeclarationFormat::Package, "script of package.json")),
        "makefile" | "justfile" => Some((DeclarationFormat::Script, "script")),
        _ if lower.ends_with(".sh") || lower.ends_with(".bash") => {
            Some((DeclarationFormat::Script, "script"))
        }
        _ => None,
    }
}

/// True if a file may declare variables.
pub(crate) fn is_declaring(path: &str) -> bool {
    format(path).is_some()
}

/// True for templates of other files.
fn is_example(path: &str) -> bool {
    let name = file_name(path).to_ascii_lowercase();
    let mut words = name.split(['.', '-', '_']);
    words.any(|word| matches!(word, "example" | "sample" | "template" | "dist"))
}

/// True for a file that builds for production do not read.
fn is_for_development(path: &str) -> bool {
    let rest = file_name(path).strip_prefix(".env.");
    let mode = rest.map(|rest| rest.strip_suffix(".local").unwrap_or(rest));
    matches!(mode, Some("development" | "test"))
}

fn file_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn span(start: usize, end: usize) -> Span {
    let byte = |at: usize| u32::try_from(at).expect("files of more than 1 MB are not read");
    Span::new(byte(start), byte(end.max(start)))
}
