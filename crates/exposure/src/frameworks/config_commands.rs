//! The options that commands of package.json give to the configurations of bundlers.

use crate::app::App;
use crate::frameworks::modes::production_mode;
use crate::frameworks::places::quoted;
use crate::frameworks::{paths, shell};
use crate::js::ir::Span;
use crate::leak::FileSpan;

/// An option of a command that a configuration gets: `webpack --env KEY=$KEY`.
pub(crate) struct CommandOption {
    /// Its name.
    pub(crate) name: String,
    /// Its value as it is written.
    pub(crate) value: String,
    /// The place of the value.
    pub(crate) at: FileSpan,
}

/// The options that commands of package.json give to a configuration, by the path of the latter.
pub(crate) fn command_options(app: &App<'_>, config: &str) -> Vec<CommandOption> {
    let name = paths::name(config);
    if ["vite.config", "rsbuild.config"].iter().any(|known| name.contains(known)) {
        return vite_options(app, config);
    }
    if !name.contains("webpack") && !name.contains("rspack") {
        return Vec::new();
    }
    let Some(package) = &app.package else { return Vec::new() };
    let path = app.path("package.json");
    let bytes = app.state.read(&path).ok().flatten().unwrap_or_default();
    let end = u32::try_from(bytes.len()).unwrap_or_default();
    let whole = FileSpan { path: path.into(), span: Span::new(0, end) };
    let mut options = Vec::new();
    for words in package.scripts.values().flat_map(|script| shell::commands(script)) {
        let is_build = words.iter().any(|word| matches!(paths::name(word), "webpack" | "rspack"))
            && !words.iter().any(|word| matches!(&**word, "serve" | "dev"));
        for pair in words.windows(2).filter(|_| is_build) {
            let given = match (&*pair[0], &*pair[1]) {
                ("--env", given) => given,
                (_, given) => given.strip_prefix("--env=").unwrap_or_default(),
            };
            let Some((name, value)) = given.split_once('=') else { continue };
            let at = quoted(app, &whole, value);
            options.push(CommandOption { name: name.to_owned(), value: value.to_owned(), at });
        }
    }
    options
}

/// The names of configurations that commands give to a server for development only: `webpack serve
/// --config webpack.dev.js`.
pub(super) fn configurations_for_development(app: &App<'_>) -> Vec<String> {
    let scripts = app.package.iter().flat_map(|package| package.scripts.values());
    let is_server = |words: &[String]| {
        let is_it = |word: &String| {
            matches!(paths::name(word), "serve" | "dev" | "webpack-dev-server" | "--watch" | "-w")
        };
        words.iter().any(is_it)
    };
    let commands: Vec<Vec<String>> = scripts.flat_map(|script| shell::commands(script)).collect();
    let (served, built): (Vec<&Vec<String>>, Vec<&Vec<String>>) =
        commands.iter().partition(|words| is_server(words));
    let built: Vec<String> = built.iter().filter_map(|it| configuration_named(it)).collect();
    let served = served.iter().filter_map(|it| configuration_named(it));
    served.filter(|name| !built.contains(name)).collect()
}

/// The name of the configuration that a command names.
fn configuration_named(words: &[String]) -> Option<String> {
    let at = words.iter().position(|word| matches!(&**word, "--config" | "-c"));
    let joined = words.iter().find_map(|word| word.strip_prefix("--config="));
    let path = joined.or_else(|| words.get(at? + 1).map(String::as_str));
    path.map(|path| paths::name(path).to_owned())
}

/// The mode in which commands of package.json build with a configuration of webpack or Rspack, if it is
/// only one: the function of the configuration gets it as its second argument.
pub(crate) fn command_mode(app: &App<'_>, config: &str) -> Option<String> {
    let name = paths::name(config);
    if !name.contains("webpack") && !name.contains("rspack") {
        return None;
    }
    let scripts = app.package.iter().flat_map(|package| package.scripts.values());
    let is_build = |words: &Vec<String>| {
        words.iter().any(|word| matches!(paths::name(word), "webpack" | "rspack"))
            && !words.iter().any(|word| matches!(&**word, "serve" | "dev" | "--watch" | "-w"))
            && configuration_named(words).is_none_or(|named| named == name)
    };
    let mut modes: Vec<Option<String>> = scripts
        .flat_map(|script| shell::commands(script))
        .filter(is_build)
        .map(|words| {
            let at = words.iter().position(|word| word == "--mode");
            let joined = words.iter().find_map(|word| word.strip_prefix("--mode="));
            joined.or_else(|| words.get(at? + 1).map(String::as_str)).map(str::to_owned)
        })
        .collect();
    modes.dedup();
    let [mode] = modes.as_slice() else { return None };
    mode.clone()
}

/// The options that the function of a configuration of Vite or Rsbuild gets when it builds for
/// production.
fn vite_options(app: &App<'_>, config: &str) -> Vec<CommandOption> {
    let at = FileSpan { path: config.into(), span: Span::default() };
    let option =
        |name: &str, value: String| CommandOption { name: name.to_owned(), value, at: at.clone() };
    let mode = production_mode(app).into_iter();
    let modes = mode.flat_map(|mode| [option("mode", mode.clone()), option("envMode", mode)]);
    let env = option("env", "production".to_owned());
    [option("command", "build".to_owned()), env].into_iter().chain(modes).collect()
}
