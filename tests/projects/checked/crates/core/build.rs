fn main() {
    println!("cargo::rerun-if-changed=words.txt");
}
