//! Turns `words/english.txt` into a sorted table, so that a look-up is a binary search.

use std::{env, fs, path::Path};

fn main() {
    println!("cargo:rerun-if-changed=words/english.txt");
    let text = fs::read_to_string("words/english.txt").expect("words/english.txt");
    let mut words: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    words.sort_unstable();
    words.dedup();
    let out = Path::new(&env::var("OUT_DIR").expect("OUT_DIR")).join("english.rs");
    fs::write(out, format!("pub static ENGLISH: &[&str] = &{words:?};\n")).expect("english.rs");
}
