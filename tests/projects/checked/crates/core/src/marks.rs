pub const END: &str = "!";
