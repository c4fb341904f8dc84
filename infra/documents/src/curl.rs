//! Requests as commands for a shell.

use serde_json::Value;

use super::document::pretty;

/// The command that sends `body` to an operation; what is missing of it (the token,
/// the parts of the path) are the shell's variables.
pub(super) fn command(
    url: &str,
    (method, path): (&str, &str),
    is_open: bool,
    body: Option<&Value>,
) -> String {
    let method = match (method, body) {
        ("get", None) | ("post", Some(_)) => String::new(),
        _ => format!(" -X {}", method.to_ascii_uppercase()),
    };
    let token = if is_open { "" } else { " \\\n  -H \"Authorization: Bearer $TOKEN\"" };
    let body = body.map(|body| format!(" \\\n  --json {}", quoted(&pretty(body))));
    format!("curl -sS{method} \"{url}{}\"{token}{}", variables(path), body.unwrap_or_default())
}

/// `/orders/{id}` as `/orders/$ID`.
fn variables(path: &str) -> String {
    let parts = path.split('/').map(|part| {
        let name = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
        name.map_or_else(|| part.to_owned(), |name| format!("${}", name.to_ascii_uppercase()))
    });
    parts.collect::<Vec<_>>().join("/")
}

/// As a shell reads it back to the letter.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::command;

    #[test]
    fn a_command_says_only_what_curl_does_not_assume() {
        let at = "http://here";
        assert_eq!(command(at, ("get", "/health"), true, None), r#"curl -sS "http://here/health""#);
        let expected = "curl -sS -X DELETE \"http://here/orders/$ID/details\" \\\n  \
                        -H \"Authorization: Bearer $TOKEN\"";
        assert_eq!(command(at, ("delete", "/orders/{id}/details"), false, None), expected);
        let body = json!({ "at": "St James's" });
        let expected = "curl -sS \"http://here/orders\" \\\n  \
                        --json '{\n  \"at\": \"St James'\\''s\"\n}'";
        assert_eq!(command(at, ("post", "/orders"), true, Some(&body)), expected);
    }
}
