//! Variables that files in memory declare.

use crate::app::App;
use crate::frameworks;
use crate::input::Files;
use crate::testing::catalog::catalog;
use crate::testing::keys::Prefixes;
use crate::testing::memory::Memory;
use crate::testing::rng::Rng;
use crate::variables::declarations::{DeclaringFiles, declarations};
use crate::variables::names::SecretNames;
use crate::variables::tainted::TaintedVariables;

const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The random part of every key that [`with_variables`] makes.
pub(crate) fn key_body() -> String {
    Rng::new(3).text(LETTERS, 40)
}

/// Runs `check` on an app with these files, in which `{SK}` and `{PK}` become keys.
pub(crate) fn with_variables(
    files: &[(&str, &str)],
    check: impl FnOnce(&App<'_>, &TaintedVariables<'_>),
) {
    let catalog = catalog();
    let names = SecretNames::new(&catalog);
    let body = key_body();
    let filled: Vec<(&str, String)> = files
        .iter()
        .map(|(path, text)| {
            let text = text.replace("{SK}", &format!("sk_v1_{body}"));
            (*path, text.replace("{PK}", &format!("pk_v1_{body}")))
        })
        .collect();
    let pairs: Vec<(&str, &str)> =
        filled.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let memory = Memory::new(&pairs);
    let keys = Prefixes(&catalog);
    let (declarations, _) =
        declarations(&DeclaringFiles::new(&memory, &keys), &memory.below(""), &[]);
    let app = App {
        root: String::new(),
        package: None,
        files: memory.below(""),
        configs: Vec::new(),
        declarations: &declarations,
        state: &memory,
        keys: &keys,
        catalog: &catalog,
        names: &names,
        conventions: &frameworks::tables().variables,
    };
    check(
        &app,
        &TaintedVariables::new(
            &declarations,
            &names,
            &frameworks::tables().variables,
            &keys,
            &catalog,
        ),
    );
}
