//! Routes that are the files of `src/routes`.

use crate::app::App;
use crate::frameworks::framework::EntryPoint;
use crate::frameworks::paths;
use crate::project::conventions::has_test_name;

/// The entries of routes, all of which the server renders; clients run those that `is_client`
/// takes.
pub(crate) fn entries(app: &App<'_>, is_client: impl Fn(&str) -> bool) -> Vec<EntryPoint> {
    let all = paths::below(app, "src/routes").into_iter().map(|(path, _)| path);
    let mut entries = Vec::new();
    for path in all.filter(|path| paths::is_module(path) && !has_test_name(path)) {
        if is_client(path) {
            entries.push(EntryPoint::client(path, "route component"));
        }
        entries.push(EntryPoint::server(path, "route that the server renders first"));
    }
    entries
}

/// True if a file is in the folder of routes.
pub(crate) fn is_in_routes(app: &App<'_>, path: &str) -> bool {
    app.relative(path).is_some_and(|path| path.starts_with("src/routes/"))
}
