//! A macro that reads a file behind the compiler's back.

use proc_macro::TokenStream;

/// The lines of a file, its path relative to the crate that calls.
#[proc_macro]
pub fn lines(input: TokenStream) -> TokenStream {
    let folder = std::env::var("CARGO_MANIFEST_DIR").unwrap();
    let path = format!("{folder}/{}", input.to_string().trim_matches('"'));
    let text = std::fs::read_to_string(path).unwrap();
    let quoted: Vec<String> = text.lines().map(|line| format!("{line:?}")).collect();
    format!("&[{}]", quoted.join(", ")).parse().unwrap()
}
