use std::io::Read;

/// Prints its version and arguments and what it reads, and ends with the number of arguments; or just its
/// version, when that is asked for.
fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words == ["--version"] {
        println!("greet {}", env!("CARGO_PKG_VERSION"));
        return;
    }
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).expect("text");
    println!("greet {} {} {}", env!("CARGO_PKG_VERSION"), words.join(","), text.trim());
    std::process::exit(words.len() as i32);
}
