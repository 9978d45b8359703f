//! Makes text loud.

mod marks;

pub const WORDS: &str = include_str!("../words.txt");

pub fn shout(text: &str) -> String {
    format!("{}{}", text.to_uppercase(), marks::END)
}
