use std::process::exit;

fn main() {
    let name = std::env::args().nth(1).unwrap_or_else(|| exit(3));
    let end = if cfg!(feature = "loud") { "!" } else { "." };
    println!("Hello, {name}{end}");
}
