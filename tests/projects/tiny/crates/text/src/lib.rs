//! What the other crates do to words.

/// `quiet` becomes `QUIET!`.
pub fn shout(word: &str) -> String {
    format!("{}!", word.to_uppercase())
}
