//! Android: resources, assets, the manifest and the code of app modules.

use crate::artifacts::comments::Language;
use crate::artifacts::context::ArtifactContext;
use crate::artifacts::placement::{Form, Placement, span};
use crate::artifacts::{paths, xml};
use crate::leak::{FileSpan, Leak, LeakKind};

/// The build scripts of a module.
pub(crate) const SCRIPTS: [&str; 2] = ["build.gradle.kts", "build.gradle"];

/// Text in the build scripts of modules whose code runs on devices.
const APP_MARKS: [&str; 6] = [
    "com.android.",
    "libs.plugins.android",
    "androidTarget",
    "com.google.gms.google-services",
    "kotlin-android",
    "dev.flutter.flutter-gradle-plugin",
];

/// The placement of a file that becomes part of an Android package.
pub(crate) fn placement(
    context: &ArtifactContext<'_>,
    path: &str,
    text: &str,
) -> Option<Placement> {
    if is_of_tests(path) {
        return None;
    }
    let ships = |why: &str| Placement::new(LeakKind::NativeAppSecret, "android", why);
    if paths::name(path) == "AndroidManifest.xml" {
        return Some(ships("the manifest ships in the APK").of(Form::Xml));
    }
    let (module, inside) = module(context, path)?;
    let first = inside.split('/').next().unwrap_or_default();
    match first {
        "res" => {
            let is_raw = inside.starts_with("res/raw");
            let is_xml = paths::ends_in(path, &["xml"]) && !is_raw;
            let form = if is_xml { Form::Xml } else { Form::Whole };
            let found = ships("res/ ships in the APK").of(form);
            // Debug builds reach fewer people.
            Some(if path.contains("src/debug/") { found.likely() } else { found })
        }
        "assets" => Some(ships("assets/ ships in the APK")),
        _ if paths::ends_in(path, &["kt", "java"]) => {
            let reason = app_module(context, &module, text)?;
            let language =
                if paths::ends_in(path, &["kt"]) { Language::Kotlin } else { Language::C };
            Some(ships(&reason).of(Form::Code(language)))
        }
        _ if paths::ends_in(path, &["c", "cc", "cpp", "h", "hpp"]) => {
            let reason = app_module(context, &module, "")?;
            Some(ships(&reason).of(Form::Code(Language::C)))
        }
        _ => None,
    }
}

/// Secrets that the manifest or a resource names (`${NAME}`), and whose value no build script
/// gives.
pub(crate) fn named(context: &ArtifactContext<'_>, path: &str, text: &str) -> Vec<Leak> {
    if paths::name(path) != "AndroidManifest.xml" || is_of_tests(path) {
        return Vec::new();
    }
    let script = context.nearest(path, &SCRIPTS);
    let script = script.and_then(|script| context.marker(&script));
    let mut leaks = Vec::new();
    for piece in xml::pieces(text) {
        let name = piece.content.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
        let Some(name) = name else { continue };
        let is_declared = script.as_ref().is_some_and(|script| script.contains(name));
        let Some(key_kind) = context.secret_name(name).filter(|_| !is_declared) else { continue };
        let why = "the manifest ships in the APK";
        let placement = Placement::new(LeakKind::NativeAppSecret, "android", why).likely();
        let at = FileSpan { path: path.into(), span: span(&piece.range) };
        leaks.push(placement.named(at, key_kind, name, None, Vec::new()));
    }
    leaks
}

fn is_of_tests(path: &str) -> bool {
    path.split('/').any(|part| {
        matches!(part, "test" | "androidTest" | "testFixtures" | "commonTest" | "testDebug")
    })
}

/// The folder of the module that a file belongs to, and the path of the file in its source set.
fn module<'p>(context: &ArtifactContext<'_>, path: &'p str) -> Option<(String, &'p str)> {
    for folder in paths::ancestors(path) {
        // Gradle: `src/<set>/…`.
        if paths::name(paths::folder(folder)) == "src" {
            let inside = paths::below(path, folder)?;
            let is_resource = inside.starts_with("res/") || inside.starts_with("assets/");
            let is_code =
                ["java/", "kotlin/", "cpp/", "jni/"].iter().any(|p| inside.starts_with(p));
            let module = paths::folder(paths::folder(folder)).to_owned();
            let is_android =
                is_resource && (is_values(inside) || app_module(context, &module, "").is_some());
            if is_android || is_code {
                return Some((module, inside));
            }
        }
        // Eclipse: everything beside the manifest.
        if context.has(&paths::join(folder, "AndroidManifest.xml")) {
            return Some((folder.to_owned(), paths::below(path, folder)?));
        }
    }
    None
}

/// True for `res/values-de/strings.xml` and the like: no other tool has such folders.
fn is_values(inside: &str) -> bool {
    let folder = inside.strip_prefix("res/").and_then(|rest| rest.split('/').next());
    folder.is_some_and(|folder| {
        let kind = folder.split('-').next().unwrap_or_default();
        matches!(kind, "values" | "xml" | "raw" | "layout" | "menu" | "navigation")
    })
}

/// The file that shows that the code of a module runs on devices.
fn app_module(context: &ArtifactContext<'_>, module: &str, text: &str) -> Option<String> {
    let scripts = SCRIPTS.map(|name| paths::join(module, name));
    let script = scripts.iter().find_map(|script| context.marker(script));
    if script.is_some_and(|script| APP_MARKS.iter().any(|mark| script.contains(mark))) {
        return Some("the code of an Android module ships in the APK".to_owned());
    }
    let manifests = ["AndroidManifest.xml", "src/main/AndroidManifest.xml"];
    if manifests.iter().any(|name| context.has(&paths::join(module, name))) {
        return Some("a module with an Android manifest ships in the APK".to_owned());
    }
    let is_android = ["import android.", "import androidx."].iter().any(|mark| text.contains(mark));
    is_android.then(|| "code that uses Android runs on devices".to_owned())
}
