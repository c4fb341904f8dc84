//! Wildcards in the ARNs of a policy.

/// Whether `text` is one of those that `pattern` stands for: `*` is any
/// characters or none, also `/` and `:`; `?` is one.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let (mut pattern, mut text) = (pattern, text);
    loop {
        let mut rest = pattern.chars();
        let mut left = text.chars();
        match (rest.next(), left.next()) {
            (None, None) => return true,
            (Some('*'), _) => {
                let tails = text.char_indices().map(|(i, _)| &text[i..]).chain([""]);
                return tails.into_iter().any(|tail| matches(rest.as_str(), tail));
            }
            (Some('?'), Some(_)) => {}
            (Some(wanted), Some(found)) if wanted == found => {}
            _ => return false,
        }
        (pattern, text) = (rest.as_str(), left.as_str());
    }
}
