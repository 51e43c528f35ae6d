//! Minimal echo server: responds to every request with its body, and prints its port to standard output. It must be
//! faster than the measured clients, which a server in JavaScript is not.

use std::{
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    thread,
};

fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?.port());
    for connection in listener.incoming() {
        let connection = connection?;
        thread::spawn(move || serve(connection));
    }
    Ok(())
}

/// Serves one connection, whose client sends one request at a time with its length.
fn serve(mut connection: TcpStream) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let (mut part, mut request) = (vec![0; 1 << 16], Vec::new());
    loop {
        request.clear();
        let (head, length) = loop {
            receive(&mut connection, &mut part, &mut request)?;
            if let Some(sizes) = sizes(&request) {
                break sizes;
            }
        };
        while request.len() < head + length {
            receive(&mut connection, &mut part, &mut request)?;
        }
        let mut response =
            format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n").into_bytes();
        response.extend_from_slice(&request[head..]);
        connection.write_all(&response)?;
    }
}

fn receive(connection: &mut TcpStream, part: &mut [u8], request: &mut Vec<u8>) -> io::Result<()> {
    let length = connection.read(part)?;
    request.extend_from_slice(&part[..length]);
    if length == 0 { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
}

/// Bytes of header and body, once the header is complete.
fn sizes(request: &[u8]) -> Option<(usize, usize)> {
    let head = request.windows(4).position(|end| end == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&request[..head]).to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:"))?;
    Some((head, length.trim().parse().ok()?))
}
