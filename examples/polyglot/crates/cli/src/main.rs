//! `rakelet FILE`: the keywords of a file or of standard input.

use std::io::{self, Read};
use std::{fs, path::PathBuf};

use clap::Parser;

/// Prints the phrases that a text is about, best first.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The text to read; standard input when left out.
    file: Option<PathBuf>,
    /// How many phrases to print.
    #[arg(short = 'n', long, default_value_t = 10)]
    limit: usize,
    /// One JSON array of {phrase, score}.
    #[arg(long)]
    json: bool,
}

fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let text = match &arguments.file {
        Some(path) => fs::read_to_string(path)?,
        None => {
            let mut text = String::new();
            io::stdin().read_to_string(&mut text)?;
            text
        }
    };
    let found = rakelet::keywords(&text, arguments.limit);
    if arguments.json {
        println!("{}", serde_json::to_string(&found)?);
    } else {
        for keyword in found {
            println!("{:7.2}  {}", keyword.score, keyword.phrase);
        }
    }
    Ok(())
}
