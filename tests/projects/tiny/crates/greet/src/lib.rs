//! Greets.

/// `you` becomes `hello YOU!`.
pub fn greet(name: &str) -> String {
    format!("{} {}", env!("GREETING"), tiny_text::shout(name))
}
