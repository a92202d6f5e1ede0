//! esbuild and Bun, which commands of package.json or build scripts call.

use crate::app::App;
use crate::eval::value::Value;
use crate::frameworks::framework::{EntryPoint, Framework, Inlining, Modules, VariableRead};
use crate::frameworks::places::place;
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::frameworks::{paths, webpack};
use crate::variables::read::{EnvRoot, ReadForm};

/// esbuild or Bun.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scripts {
    /// esbuild.
    Esbuild,
    /// Bun's bundler.
    Bun,
}

/// A build for browsers that a command asks for.
struct Command<'c> {
    /// What it is given, in order.
    words: Vec<&'c str>,
}

impl<'c> Command<'c> {
    /// The values of an option, written `--name=value`, `--name:value` or `--name value`.
    fn option(&self, name: &str) -> Vec<&'c str> {
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

/// A word of a command without the quotes round it, which JSON may have escaped.
fn bare(word: &str) -> &str {
    word.trim_matches(['\'', '"', '\\'])
}

impl Scripts {
    /// The builds that scripts of the project make for browsers.
    fn builds<'a>(self, app: &'a App<'_>) -> impl Iterator<Item = &'a Value> {
        let key = match self {
            Self::Esbuild => "entryPoints",
            Self::Bun => "entrypoints",
        };
        let is_browser = move |value: &&Value| {
            let target = value.get("platform").text().or(value.get("target").text());
            let is_server = target.is_some_and(|it| it.starts_with("node") || it == "bun");
            value.field(key).is_some() && !is_server
        };
        app.configs.iter().map(|(_, value)| value).filter(is_browser)
    }

    /// The builds that commands of package.json make for browsers.
    fn commands<'a>(self, app: &'a App<'_>) -> Vec<Command<'a>> {
        let scripts = app.package.iter().flat_map(|package| package.scripts.values());
        let parts = scripts.flat_map(|script| script.split(['&', ';', '|']));
        let command = |part: &'a str| {
            let words: Vec<&str> = part.split_whitespace().collect();
            let start = match self {
                Self::Esbuild => words.iter().position(|word| paths::name(word) == "esbuild")? + 1,
                Self::Bun => words.windows(2).position(|two| two == ["bun", "build"])? + 2,
            };
            Some(Command { words: words.get(start..).unwrap_or_default().to_vec() })
        };
        parts.filter_map(command).filter(|command| !command.is_for_server()).collect()
    }

    /// What Bun's option `env` says: `inline`, or a prefix with `*` behind it.
    fn env(self, app: &App<'_>) -> Vec<String> {
        if self == Self::Esbuild {
            return Vec::new();
        }
        let mut all: Vec<String> = self
            .builds(app)
            .filter_map(|build| build.get("env").text())
            .map(str::to_owned)
            .collect();
        for command in self.commands(app) {
            all.extend(command.option("--env").into_iter().map(str::to_owned));
        }
        let bunfig = || -> Option<String> {
            let bytes = app.state.read(&app.path("bunfig.toml")).ok()??;
            let table: toml::Table = str::from_utf8(&bytes).ok()?.parse().ok()?;
            Some(table.get("serve")?.get("static")?.get("env")?.as_str()?.to_owned())
        };
        all.extend(bunfig());
        all
    }
}

/// The variables of a shell that a text takes in: `$X` and `${X}`.
fn expanded(text: &str) -> impl Iterator<Item = &str> {
    text.split('$').skip(1).filter_map(|rest| {
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = rest.find(|c: char| !is_name(c)).unwrap_or(rest.len());
        rest.get(..end).filter(|name| !name.is_empty())
    })
}

impl Framework for Scripts {
    fn name(&self) -> &'static str {
        match self {
            Self::Esbuild => "esbuild",
            Self::Bun => "bun",
        }
    }

    fn is_used(&self, app: &App<'_>) -> bool {
        self.builds(app).next().is_some()
            || !self.commands(app).is_empty()
            || !self.env(app).is_empty()
    }

    fn entries(&self, app: &App<'_>, _modules: &dyn Modules) -> Vec<EntryPoint> {
        let mut written = Vec::new();
        for build in self.builds(app) {
            written.extend(paths::written(build.get("entryPoints")));
            written.extend(paths::written(build.get("entrypoints")));
        }
        for command in self.commands(app) {
            let files = command.words.iter().filter(|word| !word.starts_with('-'));
            written.extend(files.map(|word| bare(word).to_owned()));
        }
        let found = written.iter().filter(|path| paths::is_module(path));
        let found = found.filter_map(|path| paths::find(app, path));
        found.map(|path| EntryPoint::client(&path, format!("entry of {}", self.name()))).collect()
    }

    fn inlining(&self, app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
        let is_member = read.form == ReadForm::Member;
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
        let is_defined = self.builds(app).any(|build| webpack::defines(build.get("define"), read))
            || self.commands(app).iter().any(|command| {
                let mut given = command.option("--define").into_iter();
                is_member && given.any(|it| it.split_once('=').is_some_and(|(key, _)| key == full))
            });
        if is_defined {
            return Inlining::Yes("define writes it into the code".to_owned());
        }
        let is_env = matches!(read.root, EnvRoot::Process | EnvRoot::ImportMeta | EnvRoot::Runtime);
        let is_public = |option: &String| match option.strip_suffix('*') {
            Some(prefix) => read.name.starts_with(prefix),
            None => option == "inline",
        };
        Inlining::when(
            is_env && is_member && self.env(app).iter().any(is_public),
            "the option env of Bun inlines it",
        )
    }

    fn public_prefixes(&self, app: &App<'_>) -> Vec<String> {
        let options = self.env(app);
        let prefixes = options.iter().filter_map(|option| option.strip_suffix('*'));
        prefixes.filter(|prefix| !prefix.is_empty()).map(str::to_owned).collect()
    }

    fn shipped_settings(&self, app: &App<'_>) -> Vec<ShippedSetting> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::testing::{World, list, object, sides, text};

    fn package(script: &str) -> String {
        format!(r#"{{"scripts": {{"build": "{script}"}}}}"#)
    }

    #[test]
    fn commands_tell_entries_and_variables() {
        let script = "tsc && esbuild src/app.js --bundle --define:process.env.K=$MAGICX_SECRET_KEY";
        let world = World::new(&[("package.json", &package(script)), ("src/app.js", "")]);
        let esbuild = Scripts::Esbuild;
        assert_eq!(world.entries(&esbuild), sides(&["src/app.js"], &[]));
        assert!(world.inlines(&esbuild, "K", EnvRoot::Process, ReadForm::Member));
        assert!(!world.inlines(&esbuild, "J", EnvRoot::Process, ReadForm::Member));
        let leaks = world.leaks(&esbuild);
        assert!(leaks[0].ends_with("Name(\"MAGICX_SECRET_KEY\")"), "{leaks:?}");
        assert!(!Scripts::Bun.is_used(&world.app()));
    }

    #[test]
    fn builds_for_servers_are_none() {
        for script in
            ["esbuild src/app.js --platform=node", "bun build src/app.js --target bun", "bun run x"]
        {
            let world = World::new(&[("package.json", &package(script)), ("src/app.js", "")]);
            let app = world.app();
            assert!(!Scripts::Esbuild.is_used(&app) && !Scripts::Bun.is_used(&app), "{script}");
        }
        let build = object([("entryPoints", list([text("a.ts")])), ("platform", text("node"))]);
        let world = World::new(&[]).config("build.mjs", build);
        assert!(!Scripts::Esbuild.is_used(&world.app()));
    }

    #[test]
    fn bun_inlines_what_its_option_names() {
        let cases = [
            ("bun build a.ts", "A", false),
            ("bun build a.ts --env=inline", "A", true),
            ("bun build a.ts --env 'PUBLIC_*'", "PUBLIC_A", true),
            ("bun build a.ts --env='PUBLIC_*'", "A", false),
        ];
        for (script, name, is_inlined) in cases {
            let world = World::new(&[("package.json", &package(script)), ("a.ts", "")]);
            let inlines = world.inlines(&Scripts::Bun, name, EnvRoot::Process, ReadForm::Member);
            assert_eq!(inlines, is_inlined, "{script}");
        }
        let bunfig = "[serve.static]\nenv = \"inline\"\n";
        let world = World::new(&[("bunfig.toml", bunfig)]);
        assert!(world.inlines(&Scripts::Bun, "A", EnvRoot::Process, ReadForm::Member));
    }
}
