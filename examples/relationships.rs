//! Runs the detection of relationships on JSON: `{ "input", "weights"? }` on standard input results in the keys and
//! links to count; with `"keys"` and `"links"`, the counts, it results in the detection. For `benches/relationships`.

#![allow(clippy::print_stdout, reason = "the result is printed")]

use ktx::relationships::{Detection, Input, KeyCount, LinkColumns, LinkCount, TableColumns, Weights, propose};
use serde::{Deserialize, Serialize};
use std::{error::Error, io::stdin};

#[derive(Deserialize)]
struct Request {
    input: Input,
    #[serde(default)]
    weights: Weights,
    keys: Option<Vec<KeyCount>>,
    #[serde(default)]
    links: Vec<LinkCount>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Response {
    ToCount { keys: Vec<TableColumns>, links: Vec<LinkColumns> },
    Detection(Detection),
}

fn main() -> Result<(), Box<dyn Error>> {
    let request: Request = serde_json::from_reader(stdin().lock())?;
    let proposal = propose(&request.input, request.weights);
    let response = match request.keys {
        Some(keys) => Response::Detection(proposal.conclude(&keys, &request.links)?),
        None => Response::ToCount { keys: proposal.keys(), links: proposal.links() },
    };
    println!("{}", serde_json::to_string(&response)?);
    Ok(())
}
