//! Imports point one way: between the packages, and inside `shared`.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

use super::paths::paths;
use super::sources::{checkout, rust_files};

/// The packages; each may depend on those after it.
const PACKAGES: [&str; 4] = ["tests", "waybill", "functions", "shared"];

/// A module of `shared`.
struct Module {
    name: &'static str,
    /// The other modules of `shared` that it imports: these, and no more or fewer.
    imports: &'static [&'static str],
    /// The crates that it may use.
    crates: &'static [&'static str],
}

const SHARED: [Module; 9] = [
    Module {
        name: "domain",
        imports: &[],
        crates: &["chrono", "proptest", "schemars", "serde", "serde_json", "thiserror", "uuid"],
    },
    Module { name: "topics", imports: &["domain"], crates: &["proptest"] },
    Module {
        name: "auth",
        imports: &["domain"],
        crates: &["jsonwebtoken", "serde_json", "thiserror"],
    },
    Module { name: "clock", imports: &["domain"], crates: &["chrono"] },
    Module { name: "random", imports: &[], crates: &["uuid"] },
    Module { name: "config", imports: &["auth"], crates: &["thiserror"] },
    Module { name: "telemetry", imports: &[], crates: &["tracing_subscriber"] },
    Module {
        name: "db",
        imports: &["config", "domain", "random", "topics"],
        crates: &[
            "aws_lc_rs",
            "aws_sdk_dynamodb",
            "base64",
            "futures_util",
            "proptest",
            "serde",
            "serde_dynamo",
            "serde_json",
            "thiserror",
            "tokio",
            "tracing",
        ],
    },
    Module {
        name: "http",
        imports: &["auth", "db", "domain"],
        crates: &[
            "aws_lc_rs",
            "axum",
            "base64",
            "form_urlencoded",
            "http",
            "lambda_http",
            "schemars",
            "serde",
            "serde_json",
            "tracing",
        ],
    },
];

/// What Cargo knows of the packages in the checkout.
fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(checkout("."))
        .output()
        .expect("cargo metadata");
    let mut metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let Value::Array(packages) = metadata["packages"].take() else { panic!("{metadata}") };
    packages
}

fn dependencies(package: &Value) -> &[Value] {
    package["dependencies"].as_array().expect("dependencies")
}

#[test]
fn packages_depend_one_way() {
    let packages = packages();
    let mut names: Vec<_> = packages.iter().map(|it| it["name"].as_str().unwrap()).collect();
    names.sort_unstable_by_key(|name| PACKAGES.iter().position(|package| package == name));
    assert_eq!(names, PACKAGES);
    for package in &packages {
        let name = package["name"].as_str().unwrap();
        let below: Vec<_> = PACKAGES.into_iter().skip_while(|other| *other != name).collect();
        for dependency in dependencies(package) {
            let other = dependency["name"].as_str().unwrap();
            let is_ours = dependency["path"].is_string();
            assert!(!is_ours || below[1..].contains(&other), "{name} depends on {other}");
        }
    }
}

/// What each module of `shared` names outside itself: `crate::NAME` for another
/// module, and the first segment of every other path.
fn named_by_shared() -> BTreeMap<String, BTreeSet<String>> {
    let mut named = BTreeMap::<_, BTreeSet<_>>::new();
    for source in rust_files("shared/src") {
        let module = source.module();
        let Some(top) = module.get(1) else { continue };
        let named = named.entry(top.clone()).or_default();
        for path in paths(&source.text, &module) {
            if path[0] != "crate" {
                named.insert(path[0].clone());
            } else if path.get(1) != Some(top) {
                named.insert(path.get(..2).unwrap_or(&path).join("::"));
            }
        }
    }
    named
}

#[test]
fn modules_of_shared_import_one_way() {
    let named = named_by_shared();
    let mut modules = SHARED.map(|module| module.name);
    modules.sort_unstable();
    assert!(named.keys().eq(modules), "{:?} are the modules of shared", named.keys());
    for Module { name, imports, .. } in SHARED {
        let found = named[name].iter().filter(|path| path.starts_with("crate"));
        let expected: Vec<_> = imports.iter().map(|import| format!("crate::{import}")).collect();
        assert_eq!(found.collect::<Vec<_>>(), expected.iter().collect::<Vec<_>>(), "{name}");
    }
}

#[test]
fn modules_of_shared_use_only_the_crates_that_they_may() {
    let packages = packages();
    let shared = packages.iter().find(|package| package["name"] == "shared").unwrap();
    let crates = dependencies(shared).iter().map(|it| it["name"].as_str().unwrap());
    let crates: BTreeSet<_> = crates.map(|name| name.replace('-', "_")).collect();
    let named = named_by_shared();
    for Module { name, crates: allowed, .. } in SHARED {
        for used in named[name].intersection(&crates) {
            assert!(allowed.contains(&used.as_str()), "{name} uses {used}");
        }
    }
}
