//! Catalogs of keys for tests, read from as much of a rule file as the analysis needs.

use std::fs;
use std::path::Path;

use keyside_exposure::{BUILT_IN, Catalog, KeyClass, KeyKind, KeyProvider, Sdk};
use toml::{Table, Value};

/// Names of the kinds of [`catalog`], in its order.
pub(crate) const KINDS: [&str; 4] =
    ["aimagicx-api-key", "magicx-secret-key", "magicx-access-token", "magicx-public-key"];

/// Two providers: one has secrets only, the other also tokens and public keys.
pub(crate) fn catalog() -> Catalog {
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/providers"))
}

/// Reads a rule file, or every file of a folder, in the order of their names.
pub(crate) fn read(path: &Path) -> Catalog {
    let mut paths = vec![path.to_owned()];
    if path.is_dir() {
        paths = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
    }
    let mut catalog = Catalog::default();
    for path in paths {
        let table = fs::read_to_string(&path).unwrap().parse();
        add(&table.unwrap_or_else(|error| panic!("{}: {error}", path.display())), &mut catalog);
    }
    catalog
}

fn add(file: &Table, catalog: &mut Catalog) {
    let provider = file["provider"].as_table().unwrap();
    let provider = KeyProvider {
        words: texts(provider, "words"),
        hosts: texts(provider, "hosts"),
        server_paths: texts(provider, "server-paths"),
        sdk: tables(provider, "sdk").map(sdk).collect(),
    };
    catalog.providers.push(provider.into());
    let provider = catalog.providers.len() - 1;
    catalog.kinds.extend(tables(file, "rule").map(|rule| KeyKind {
        provider,
        file: BUILT_IN,
        class: rule["class"].clone().try_into::<KeyClass>().unwrap(),
        keywords: texts(rule, "keywords").into(),
        env: texts(rule, "env").into(),
        is_wanted: true,
    }));
}

fn sdk(table: &Table) -> Sdk {
    let slots = texts(table, "key-properties");
    Sdk {
        package: table["package"].as_str().unwrap().to_owned(),
        client: table["client"].as_bool().unwrap(),
        is_client_only: table.get("client-only").and_then(Value::as_bool).unwrap_or_default(),
        key_properties: slots.iter().map(|slot| slot.parse().unwrap()).collect(),
        browser_switch: table.get("browser-switch").map(|own| own.as_str().unwrap().to_owned()),
    }
}

/// The tables of a list; none if there is no list.
fn tables<'t>(table: &'t Table, name: &str) -> impl Iterator<Item = &'t Table> {
    let list = table.get(name).and_then(Value::as_array).into_iter().flatten();
    list.map(|own| own.as_table().unwrap())
}

/// The strings of a list; none if there is no list.
fn texts(table: &Table, name: &str) -> Vec<String> {
    let list = table.get(name).and_then(Value::as_array).into_iter().flatten();
    list.map(|own| own.as_str().unwrap().to_owned()).collect()
}
