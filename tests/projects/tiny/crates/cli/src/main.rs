const NAMES: &[&str] = tiny_macros::lines!("../../shared/names.txt");

fn main() {
    for name in NAMES {
        println!("{}", tiny_greet::greet(name));
    }
    println!("{}", tiny_text::shout("bye"));
}
