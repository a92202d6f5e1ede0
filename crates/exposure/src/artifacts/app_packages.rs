//! Packages of other apps: Cordova, Capacitor, Unity, .NET on devices.

use crate::artifacts::comments::Language;
use crate::artifacts::context::ArtifactContext;
use crate::artifacts::paths;
use crate::artifacts::placement::{Form, Placement};
use crate::leak::LeakKind;
use crate::project::conventions::is_test_artifact;

/// Text in .NET projects whose code runs on devices.
const DEVICE_MARKS: [&str; 5] = ["UseMaui", "-android", "-ios", "Xamarin", "MonoAndroid"];

/// The placement of a file that becomes part of an app package.
pub(crate) fn placement(
    context: &ArtifactContext<'_>,
    path: &str,
    text: &str,
) -> Option<Placement> {
    if is_test_artifact(path) {
        return None;
    }
    hybrid(context, path, text).or_else(|| unity(context, path)).or_else(|| dotnet(context, path))
}

fn hybrid(context: &ArtifactContext<'_>, path: &str, text: &str) -> Option<Placement> {
    let name = paths::name(path);
    if name == "config.xml" && text.contains("<widget") {
        let why = "config.xml ships in the app";
        return Some(Placement::new(LeakKind::NativeAppSecret, "cordova", why).of(Form::Xml));
    }
    if name.starts_with("capacitor.config.") {
        let form = if name.ends_with(".json") { Form::Whole } else { Form::Code(Language::Script) };
        let why = "the configuration of Capacitor ships in the app";
        return Some(Placement::new(LeakKind::NativeAppSecret, "capacitor", why).of(form));
    }
    let folder = paths::ancestors(path).find(|folder| paths::name(folder) == "www")?;
    let config = paths::join(paths::folder(folder), "config.xml");
    let is_cordova = context.marker(&config).is_some_and(|text| text.contains("<widget"));
    let why = "www/ ships in the app";
    is_cordova.then(|| Placement::new(LeakKind::BundleSecret, "cordova", why).by(config))
}

fn unity(context: &ArtifactContext<'_>, path: &str) -> Option<Placement> {
    let version = context.nearest(path, &["ProjectSettings/ProjectVersion.txt"])?;
    let root = paths::folder(paths::folder(&version));
    let inside = paths::below(path, root)?.strip_prefix("Assets/")?;
    if paths::has_folder(inside, &["editor"]) {
        return None;
    }
    let ships = |why: &str| Placement::new(LeakKind::NativeAppSecret, "unity", why).by(&*version);
    if paths::ends_in(path, &["cs"]) {
        return Some(ships("scripts are compiled into the app").of(Form::Code(Language::C)));
    }
    let is_packaged = paths::has_folder(inside, &["streamingassets", "resources"])
        || paths::ends_in(path, &["asset", "prefab", "unity"]);
    is_packaged.then(|| ships("assets ship in the app"))
}

fn dotnet(context: &ArtifactContext<'_>, path: &str) -> Option<Placement> {
    if !paths::ends_in(path, &["cs", "xaml", "json", "xml", "txt"]) {
        return None;
    }
    let project = paths::ancestors(path).find_map(|folder| context.projects.dotnet(folder))?;
    let text = context.marker(project)?;
    if !DEVICE_MARKS.iter().any(|mark| text.contains(mark)) {
        return None;
    }
    let ships = |why: &str| Placement::new(LeakKind::NativeAppSecret, "dotnet", why).by(project);
    let inside = paths::below(path, paths::folder(project))?;
    if paths::ends_in(path, &["cs"]) {
        return Some(ships("the code is compiled into the app").of(Form::Code(Language::C)));
    }
    if paths::ends_in(path, &["xaml"]) {
        return Some(ships("pages are compiled into the app").of(Form::Code(Language::Markup)));
    }
    let is_packaged =
        inside.starts_with("Resources/Raw/") || paths::name(path).starts_with("appsettings");
    is_packaged.then(|| ships("resources ship in the app"))
}
