fn main() {
    println!("{}", shout::shout("hey"));
}
