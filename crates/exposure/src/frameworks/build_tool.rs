//! Builds for browsers that commands of package.json or build scripts ask a bundler for.

use crate::app::App;
use crate::eval::value::Value;
use crate::framework_id::FrameworkId;
use crate::frameworks::framework::{EntryPoint, VariableRead};
use crate::frameworks::places::place;
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::frameworks::{paths, webpack};
use crate::variables::read::{EnvRoot, ReadForm};

/// A bundler that is called by commands and scripts.
pub(crate) struct BuildTool {
    /// Which bundler.
    pub(crate) id: FrameworkId,
    /// The words that call it in a command.
    pub(crate) command: &'static [&'static str],
    /// The option of its build function that lists where code begins.
    pub(crate) entries: &'static str,
}

/// A build for browsers that a command asks for.
pub(crate) struct BuildCommand<'c> {
    /// Its arguments, in order.
    words: Vec<&'c str>,
}

impl<'c> BuildCommand<'c> {
    /// The values of an option, written `--name=value`, `--name:value` or `--name value`.
    pub(crate) fn option(&self, name: &str) -> Vec<&'c str> {
        let mut values = Vec::new();
        for (index, word) in self.words.iter().enumerate() {
            let Some(rest) = word.strip_prefix(name) else { continue };
            let value = match rest.strip_prefix(['=', ':']) {
                Some(value) => Some(value),
                None if rest.is_empty() => self.words.get(index + 1).copied(),
                None => None,
            };
            values.extend(value.map(bare));
        }
        values
    }

    fn is_for_server(&self) -> bool {
        let of = |name| self.option(name);
        of("--platform").contains(&"node")
            || of("--target").iter().any(|it| it.starts_with("node") || *it == "bun")
    }
}

/// A word of a command without its quotes, which JSON may have escaped.
fn bare(word: &str) -> &str {
    word.trim_matches(['\'', '"', '\\'])
}

impl BuildTool {
    /// The options of the builds for browsers that scripts of the project ask for.
    pub(crate) fn builds<'a>(&self, app: &'a App<'_>) -> impl Iterator<Item = &'a Value> {
        let entries = self.entries;
        let is_browser = move |value: &&Value| {
            let target = value.get("platform").text().or(value.get("target").text());
            let is_server = target.is_some_and(|it| it.starts_with("node") || it == "bun");
            value.field(entries).is_some() && !is_server
        };
        app.configs.iter().map(|(_, value)| value).filter(is_browser)
    }

    /// The builds for browsers that commands of package.json ask for.
    pub(crate) fn commands<'a>(&self, app: &'a App<'_>) -> Vec<BuildCommand<'a>> {
        let scripts = app.package.iter().flat_map(|package| package.scripts.values());
        let parts = scripts.flat_map(|script| script.split(['&', ';', '|']));
        let command = |part: &'a str| {
            let words: Vec<&str> = part.split_whitespace().collect();
            let (program, rest) = self.command.split_first()?;
            let is_call = |words: &[&str]| match words.split_first() {
                Some((first, more)) => paths::name(first) == *program && more == rest,
                None => false,
            };
            let start = words.windows(self.command.len()).position(is_call)?;
            let arguments = words.get(start + self.command.len()..).unwrap_or_default();
            Some(BuildCommand { words: arguments.to_vec() })
        };
        parts.filter_map(command).filter(|command| !command.is_for_server()).collect()
    }

    /// True if the project asks for any build for browsers.
    pub(crate) fn is_called(&self, app: &App<'_>) -> bool {
        self.builds(app).next().is_some() || !self.commands(app).is_empty()
    }

    /// True if all builds are minified.
    pub(crate) fn is_minified(&self, app: &App<'_>) -> bool {
        self.builds(app).all(|build| build.get("minify").is_true())
            && self.commands(app).iter().all(|command| command.words.contains(&"--minify"))
    }

    /// Where the code of its builds begins.
    pub(crate) fn entry_points(&self, app: &App<'_>) -> Vec<EntryPoint> {
        let mut written: Vec<String> =
            self.builds(app).flat_map(|build| paths::written(build.get(self.entries))).collect();
        for command in self.commands(app) {
            let files = command.words.iter().filter(|word| !word.starts_with('-'));
            written.extend(files.map(|word| bare(word).to_owned()));
        }
        let found = written.iter().filter(|path| paths::is_module(path));
        let found = found.filter_map(|path| paths::find(app, path));
        found
            .map(|path| EntryPoint::client(&path, format!("entry of {}", self.id.name())))
            .collect()
    }

    /// True if the option `define` of a build replaces a read.
    pub(crate) fn defines(&self, app: &App<'_>, read: &VariableRead<'_>) -> bool {
        let full = match read.root {
            EnvRoot::Process => format!("process.env.{}", read.name),
            EnvRoot::ImportMeta => format!("import.meta.env.{}", read.name),
            EnvRoot::Runtime
            | EnvRoot::NativeConfig
            | EnvRoot::PrivateModule
            | EnvRoot::PublicModule
            | EnvRoot::ServerModule
            | EnvRoot::RuntimeConfig(_)
            | EnvRoot::PublicRuntimeConfig(_) => read.name.to_owned(),
        };
        let is_given = |given: &str| given.split_once('=').is_some_and(|(key, _)| key == full);
        self.builds(app).any(|build| webpack::defines(build.get("define"), read))
            || (read.form == ReadForm::Member
                && self
                    .commands(app)
                    .iter()
                    .any(|command| command.option("--define").into_iter().any(is_given)))
    }

    /// The values that the option `define` of a build writes into the code.
    pub(crate) fn shipped_settings(&self, app: &App<'_>) -> Vec<ShippedSetting> {
        let note = "define writes it into the code";
        let builds = self.builds(app);
        let mut settings: Vec<_> =
            builds.map(|build| ShippedSetting::fields(build.get("define"), note)).collect();
        let path = app.path("package.json");
        let bytes = app.state.read(&path).ok().flatten().unwrap_or_default();
        let text = String::from_utf8(bytes).unwrap_or_default();
        for command in self.commands(app) {
            for given in command.option("--define") {
                let Some((key, value)) = given.split_once('=') else { continue };
                let written = format!("{key}=");
                let at = text.find(&written).and_then(|at| place(&path, at, written.len()));
                let Some(at) = at else { continue };
                let names = expanded(value);
                settings.extend(names.map(|name| ShippedSetting::variable(name, &at, note)));
            }
        }
        settings
    }
}

/// The variables that a shell expands in a text: `$X` and `${X}`.
fn expanded(text: &str) -> impl Iterator<Item = &str> {
    text.split('$').skip(1).filter_map(|rest| {
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = rest.find(|c: char| !is_name(c)).unwrap_or(rest.len());
        rest.get(..end).filter(|name| !name.is_empty())
    })
}
