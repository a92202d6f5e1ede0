//! Apps of React Native, with and without Expo: all of their code is packaged.

use crate::app::App;
use crate::eval::value::Value;
use crate::frameworks::framework::{EntryPoint, Inlining, VariableRead};
use crate::frameworks::paths;
use crate::frameworks::shipped_setting::ShippedSetting;
use crate::project::conventions::has_test_name;
use crate::variables::read::{EnvRoot, ReadForm};

/// Files in which apps begin, without their endings.
const ENTRIES: [&str; 8] = [
    "index",
    "App",
    "src/App",
    "index.native",
    "index.ios",
    "index.android",
    "src/index",
    "App.native",
];

/// Babel plugins that replace every read of a variable whose name is written there.
const INLINING_PLUGINS: [&str; 2] =
    ["react-native-dotenv", "babel-plugin-transform-inline-environment-variables"];

/// Where the app begins.
pub(crate) fn entries(app: &App<'_>) -> Vec<EntryPoint> {
    let mut found = paths::named(app, &ENTRIES);
    let main = app.package.as_ref().and_then(|package| package.value["main"].as_str());
    found.extend(main.and_then(|main| paths::find(app, main)));
    found
        .iter()
        .map(|path| EntryPoint::client(path, "entry of the app, packaged with it"))
        .collect()
}

/// The routes of Expo Router, which are files of a folder.
pub(crate) fn routes(app: &App<'_>) -> Vec<EntryPoint> {
    if !app.depends_on("expo-router") {
        return Vec::new();
    }
    let folder = if paths::has_folder(app, "app") { "app" } else { "src/app" };
    let files = paths::below(app, folder).into_iter().map(|(path, _)| path);
    let code = files.filter(|path| paths::is_module(path) && !has_test_name(path));
    let is_rendered = is_rendered(app);
    code.flat_map(|path| {
        let server = "server code of Expo Router";
        if is_server(path) {
            return vec![EntryPoint::server(path, server)];
        }
        let route = EntryPoint::client(path, "route of Expo Router");
        let first = EntryPoint::server(path, "route that is rendered for the web first");
        if is_rendered { vec![route, first] } else { vec![route] }
    })
    .collect()
}

/// True if Expo Router renders pages for the web before browsers run them.
pub(crate) fn is_rendered(app: &App<'_>) -> bool {
    let output = |value: &Value| {
        let expo = if value.field("expo").is_some() { value.get("expo") } else { value };
        expo.get("web").get("output").text().map(str::to_owned)
    };
    let outputs = configs(app).filter_map(output);
    app.depends_on("expo-router")
        && outputs.into_iter().any(|output| matches!(&*output, "static" | "server"))
}

/// The app configs.
fn configs<'a>(app: &'a App<'_>) -> impl Iterator<Item = &'a Value> {
    let is_config = |path: &str| path == "app.json" || path.starts_with("app.config.");
    let found = app.configs.iter();
    found.filter(move |(path, _)| app.relative(path).is_some_and(is_config)).map(|(_, value)| value)
}

/// Other parts of the app config that are packaged with the app.
const SHIPPED: [&str; 7] =
    ["description", "githubUrl", "name", "owner", "primaryColor", "scheme", "slug"];

/// Why the app leaves a route of Expo Router out.
pub(crate) fn route_boundary(app: &App<'_>, path: &str) -> Option<String> {
    let is_route = app.depends_on("expo-router") && is_server(path);
    is_route.then(|| "server code, which is left out of the app".to_owned())
}

/// True if the transform of Expo leaves a route out of the app.
fn is_server(path: &str) -> bool {
    let stem = paths::module(paths::name(path)).unwrap_or_default();
    ["+api", "+html", "+middleware"].iter().any(|ending| stem.ends_with(ending))
}

/// How packages and Babel plugins that apps add put variables into the code.
pub(crate) fn inlining(app: &App<'_>, read: &VariableRead<'_>) -> Inlining {
    if read.root == EnvRoot::NativeConfig {
        return Inlining::Yes("every variable of .env is packaged with the app".to_owned());
    }
    let is_literal = matches!(read.form, ReadForm::Member | ReadForm::Index);
    if read.root != EnvRoot::Process || !is_literal {
        return Inlining::No;
    }
    match INLINING_PLUGINS.iter().find(|plugin| app.depends_on(plugin)) {
        Some(plugin) => Inlining::Yes(format!("{plugin} inlines it")),
        None => Inlining::No,
    }
}

/// `extra` and the public texts of the app config, which are packaged with the app.
pub(crate) fn shipped_settings(app: &App<'_>) -> Vec<ShippedSetting> {
    let mut settings = Vec::new();
    for value in configs(app) {
        let expo = if value.field("expo").is_some() { value.get("expo") } else { value };
        let note = "extra of the app config is packaged with the app";
        settings.push(ShippedSetting::fields(expo.get("extra"), note));
        let note = "the app config is packaged with the app";
        settings.extend(SHIPPED.map(|name| ShippedSetting::property(expo, name, note)));
    }
    settings
}
