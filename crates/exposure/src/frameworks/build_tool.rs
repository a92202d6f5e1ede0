//! Builds for browsers that commands of package.json or build scripts ask a bundler for.

use crate::app::App;
use crate::artifacts::shipped_path::ShippedPath;
use crate::eval::value::Value;
use crate::framework_id::FrameworkId;
use crate::frameworks::framework::{EntryPoint, VariableRead};
use crate::frameworks::places::{place, quoted};
use crate::frameworks::plugin_hooks::written_by_plugins;
use crate::frameworks::published_maps::{PublishedMaps, is_on};
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::frameworks::{copied_files, paths, shell, webpack};
use crate::js::ir::ModulePart;
use crate::js::style;
use crate::leak::FileSpan;
use crate::paths::PathPattern;
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
pub(crate) struct BuildCommand {
    /// Its arguments, in order.
    words: Vec<String>,
    /// The script of package.json that it is in.
    script: String,
}

impl BuildCommand {
    /// The values of an option, written `--name=value`, `--name:value` or `--name value`.
    pub(crate) fn option(&self, name: &str) -> Vec<&str> {
        let mut values = Vec::new();
        for (index, word) in self.words.iter().enumerate() {
            let Some(rest) = word.strip_prefix(name) else { continue };
            let value = match rest.strip_prefix(['=', ':']) {
                Some(value) => Some(value),
                None if rest.is_empty() => self.words.get(index + 1).map(String::as_str),
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

    /// True if it asks for source maps with the sources in them.
    fn has_maps(&self) -> bool {
        let is_on = |word: &String| {
            let option = word.strip_prefix("--sourcemap");
            option.is_some_and(|rest| rest.is_empty() || (rest.starts_with('=') && rest != "=none"))
        };
        let contents = self.option("--sources-content");
        self.words.iter().any(is_on) && !contents.contains(&"false")
    }
}

/// A word of a command without its quotes.
fn bare(word: &str) -> &str {
    word.trim_matches(['\'', '"'])
}

/// Programs that run a script.
const RUNNERS: [&str; 8] =
    ["bun", "deno", "node", "nodemon", "ts-node", "ts-node-esm", "tsx", "zx"];

/// Longer scripts are no builds that somebody wrote.
const MAX_SCRIPT: usize = 1 << 20;

/// The options of builds that stand in the code, and why they do.
const TEXTS: [(&str, &str); 6] = [
    ("banner", "banner stands before the code"),
    ("footer", "footer stands after the code"),
    ("intro", "intro stands in the code"),
    ("outro", "outro stands in the code"),
    ("postBanner", "postBanner stands before the code"),
    ("postFooter", "postFooter stands after the code"),
];

/// The texts that options of a build, or of its output, put around the code.
pub(crate) fn texts(options: &Value) -> Vec<ShippedSetting> {
    let given = TEXTS.iter().filter_map(|(name, note)| {
        options.field(name).map(|field| ShippedSetting::field(field, note))
    });
    given.collect()
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
        let all = app.configs.iter().flat_map(|(_, value)| value.elements());
        all.filter(is_browser)
    }

    /// The scripts that commands of package.json run to build with a package: `node scripts/bundle.mjs`.
    pub(crate) fn scripts(&self, app: &App<'_>, package: &str) -> Vec<String> {
        if !app.depends_on(package) {
            return Vec::new();
        }
        let scripts = app.package.iter().flat_map(|package| package.scripts.values());
        let words = scripts.flat_map(|script| shell::commands(script)).flat_map(|command| {
            let is_run = command.iter().any(|word| RUNNERS.contains(&paths::name(word)));
            command.into_iter().filter(move |word| is_run && !word.starts_with('-'))
        });
        let found =
            words.filter(|word| paths::is_module(word)).filter_map(|it| paths::find(app, &it));
        let names = |path: &String| {
            let bytes = app.state.read(path).ok().flatten().unwrap_or_default();
            bytes.len() < MAX_SCRIPT && memchr::memmem::find(&bytes, package.as_bytes()).is_some()
        };
        found.filter(names).collect()
    }

    /// The files that plugins of its builds copy.
    pub(crate) fn named_files(&self, app: &App<'_>) -> Vec<ShippedPath> {
        let is_build = |value: &Value| {
            value.elements().iter().any(|build| build.field(self.entries).is_some())
        };
        let configs = app.configs.iter().filter(|(_, value)| is_build(value));
        configs.flat_map(|(path, config)| copied_files::by_plugins(app, config, path)).collect()
    }

    /// The builds for browsers that commands of package.json ask for.
    pub(crate) fn commands(&self, app: &App<'_>) -> Vec<BuildCommand> {
        let scripts = app.package.iter().flat_map(|package| package.scripts.values());
        let parts = scripts.flat_map(|script| {
            shell::commands(script).into_iter().map(move |words| (script, words))
        });
        let command = |(script, words): (&String, Vec<String>)| {
            let (program, rest) = self.command.split_first()?;
            let is_call = |words: &[String]| match words.split_first() {
                Some((first, more)) => paths::name(first) == *program && more == rest,
                None => false,
            };
            let start = words.windows(self.command.len()).position(is_call)?;
            let arguments = words.get(start + self.command.len()..).unwrap_or_default();
            Some(BuildCommand { words: arguments.to_vec(), script: script.clone() })
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
            && self
                .commands(app)
                .iter()
                .all(|command| command.words.iter().any(|word| word == "--minify"))
    }

    /// Where the code of its builds begins.
    pub(crate) fn entry_points(&self, app: &App<'_>) -> Vec<EntryPoint> {
        let mut written: Vec<String> =
            self.builds(app).flat_map(|build| paths::written(build.get(self.entries))).collect();
        for command in self.commands(app) {
            let files = command.words.iter().filter(|word| !word.starts_with('-'));
            written.extend(files.map(|word| bare(word).to_owned()));
        }
        let (patterns, written): (Vec<_>, Vec<_>) =
            written.into_iter().partition(|path| path.contains('*'));
        let found = written.iter().filter(|path| paths::is_module(path));
        let found = found.filter_map(|path| paths::find(app, path));
        let patterns: Vec<PathPattern> = patterns
            .iter()
            .filter_map(|path| paths::clean(path))
            .map(|path| PathPattern::new(&app.path(&path)))
            .collect();
        let is_meant = |path: &&String| {
            paths::is_module(path) && patterns.iter().any(|pattern| pattern.matches(path))
        };
        let matched = app.files.iter().filter(|_| !patterns.is_empty()).filter(is_meant).cloned();
        let found = found.chain(matched);
        let entry = |path: &str| EntryPoint::client(path, format!("entry of {}", self.id.name()));
        let sheets = written.iter().filter(|path| style::is_style(path));
        let sheets = sheets.filter_map(|path| paths::clean(path)).filter(|path| app.has(path));
        let sheets: Vec<EntryPoint> = sheets
            .map(|path| EntryPoint { part: ModulePart::Text, ..entry(&app.path(&path)) })
            .collect();
        found.map(|path| entry(&path)).chain(sheets).chain(self.injected(app)).collect()
    }

    /// The modules that the option `inject` puts into the code.
    fn injected(&self, app: &App<'_>) -> Vec<EntryPoint> {
        let builds = self.builds(app);
        let mut written: Vec<String> =
            builds.flat_map(|build| paths::written(build.get("inject"))).collect();
        for command in self.commands(app) {
            written.extend(command.option("--inject").into_iter().map(str::to_owned));
        }
        let found = written.iter().filter_map(|path| paths::find(app, path));
        let why = format!("inject of {} puts it into the code", self.id.name());
        found.map(|path| EntryPoint::client(&path, why.clone())).collect()
    }

    /// The source maps that builds and commands ask for.
    pub(crate) fn published_maps(&self, app: &App<'_>) -> Option<PublishedMaps> {
        let by_build = self.builds(app).find_map(|build| {
            let has_contents =
                !matches!(build.get("sourcesContent"), Value::Literal(text) if &**text == "false");
            let field = build.field("sourcemap").filter(|field| is_on(&field.value))?;
            has_contents.then(|| PublishedMaps::by(field, "sourcemap", true))
        });
        by_build.or_else(|| {
            let command = self.commands(app).into_iter().find(BuildCommand::has_maps)?;
            let at = script_place(app, &command.script);
            let switch = "--sourcemap in package.json".to_owned();
            Some(PublishedMaps { switch, at, has_styles: true })
        })
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

    /// The values that options of a build write into the code.
    pub(crate) fn shipped_settings(&self, app: &App<'_>) -> Vec<ShippedSetting> {
        let note = "define writes it into the code";
        let mut settings = Vec::new();
        for build in self.builds(app) {
            settings.push(ShippedSetting::names(build.get("define"), note));
            settings.extend(texts(build));
            settings.extend(written_by_plugins(build.get("plugins")));
        }
        settings.extend(self.command_settings(app));
        settings
    }

    /// The values that options of commands write into the code.
    pub(crate) fn command_settings(&self, app: &App<'_>) -> Vec<ShippedSetting> {
        let note = "define writes it into the code";
        let mut settings = Vec::new();
        for command in self.commands(app) {
            let Some(script) = script_place(app, &command.script) else { continue };
            let mut given = Vec::new();
            for written in command.option("--define") {
                if let Some((key, value)) = written.split_once('=') {
                    given.push((format!("{key}="), value, note));
                }
            }
            for (name, note) in &TEXTS {
                let option = format!("--{name}");
                for value in command.option(&option) {
                    given.push((option.clone(), value, *note));
                }
            }
            for (written, value, note) in given {
                let at = quoted(app, &script, &written);
                let key = written.strip_suffix('=');
                let names = |setting: ShippedSetting| match key {
                    Some(key) => setting.read_as(key),
                    None => setting,
                };
                for name in expanded(value) {
                    settings.push(names(ShippedSetting::variable(name, &at, note)));
                }
                settings.push(names(ShippedSetting::text(value, &script, note)));
            }
        }
        settings
    }
}

/// The place of a script in package.json; the whole file if it is written with other escapes.
fn script_place(app: &App<'_>, script: &str) -> Option<FileSpan> {
    let path = app.path("package.json");
    let bytes = app.state.read(&path).ok().flatten()?;
    let text = String::from_utf8(bytes).ok()?;
    let written = serde_json::to_string(script).ok()?;
    match text.find(&written) {
        Some(at) => place(&path, at, written.len()),
        None => place(&path, 0, text.len()),
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
