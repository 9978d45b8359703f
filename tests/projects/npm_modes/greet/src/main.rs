use std::io::Read;

/// Prints its version and arguments and what it reads, and ends with the number of arguments.
fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).expect("text");
    println!("both {} {} {}", env!("CARGO_PKG_VERSION"), words.join(","), text.trim());
    std::process::exit(words.len() as i32);
}
