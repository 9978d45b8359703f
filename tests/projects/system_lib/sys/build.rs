//! Links with the library that pkg-config finds, as crates whose names end in `-sys` do.

use std::process::Command;

fn main() {
    let found = Command::new("pkg-config").args(["--libs", "sentence"]).output().expect("pkg-config");
    let said = String::from_utf8(found.stdout).expect("text");
    assert!(found.status.success(), "pkg-config does not find the library sentence");
    for word in said.split_whitespace() {
        match word.split_at(2) {
            ("-L", folder) => println!("cargo:rustc-link-search=native={folder}"),
            ("-l", name) => println!("cargo:rustc-link-lib={name}"),
            _ => {}
        }
    }
}
