//! The packages that a package must not depend on. Cargo enforces what the manifests declare;
//! this test checks the declarations.

use std::process::Command;

use super::sources::checkout;

/// A package, and the packages that it must not depend on, not even through others.
struct Rule {
    package: &'static str,
    never: &'static [&'static str],
}

const RULES: [Rule; 7] = [
    // Pure: no input, no output, no AWS.
    Rule { package: "domain", never: &["aws-", "axum", "hyper", "lambda_", "random", "tokio"] },
    Rule { package: "db", never: &["axum", "http-api", "lambda_"] },
    Rule { package: "http-api", never: &["functions"] },
    // The emulator runs any template.
    Rule { package: "emulator", never: &["db", "domain", "functions", "http-api"] },
    // The client contains no server code.
    Rule {
        package: "waybill-client",
        never: &["aws-", "axum", "db", "domain", "emulator", "functions", "http-api", "lambda_"],
    },
    // The deployed code contains none of the local tools.
    Rule { package: "functions", never: &["bench", "documents", "emulator", "waybill"] },
    Rule { package: "waybill", never: &["bench"] },
];

/// Returns the names of all packages that `package` is compiled with.
fn reached(package: &str) -> Vec<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "--edges", "normal", "--prefix", "none"])
        .args(["--format", "{lib}", "--package", package])
        .current_dir(checkout("."))
        .output()
        .expect("cargo tree");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let names = String::from_utf8(output.stdout).expect("names");
    names.lines().map(|name| name.trim_end_matches(" (*)").replace('_', "-")).collect()
}

#[test]
fn packages_depend_one_way() {
    for Rule { package, never } in RULES {
        let reached = reached(package);
        assert!(reached.contains(&package.replace('_', "-")), "{package} is no package");
        for name in never {
            let name = name.replace('_', "-");
            let is_it = |other: &&String| match name.strip_suffix('-') {
                Some(_) => other.starts_with(&name),
                None => **other == name,
            };
            let found: Vec<_> = reached.iter().filter(is_it).collect();
            assert!(found.is_empty(), "{package} depends on {found:?}");
        }
    }
}
