//! One connection, which goes on only while somebody waits for what comes through it: nothing runs in the background.

use super::dial::{Proxy, Socket};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Response,
    body::Incoming,
    client::conn::http1::{self, SendRequest, handshake},
};
use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::{Context, Poll},
};

/// A connection that takes one request after another.
pub(super) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    driver: Driver,
    pub(super) proxy: Option<Proxy>,
}

impl Connection {
    pub(super) async fn on(socket: Socket, proxy: Option<Proxy>) -> hyper::Result<Self> {
        let (sender, connection) = handshake(socket).await?;
        Ok(Self { sender, driver: Driver(Some(connection)), proxy })
    }

    /// Sends a request and waits for the head of the answer.
    pub(super) async fn send(&mut self, request: Request<Full<Bytes>>) -> hyper::Result<Response<Incoming>> {
        self.driver.until(self.sender.send_request(request)).await
    }

    /// The next part of an answer's body; `None` at its end.
    pub(super) async fn chunk(&mut self, body: &mut Incoming) -> hyper::Result<Option<Bytes>> {
        while let Some(frame) = self.driver.until(body.frame()).await {
            // Trailers say nothing that anybody asks for.
            if let Ok(data) = frame?.into_data() {
                return Ok(Some(data));
            }
        }
        Ok(None)
    }

    /// Whether it takes another request: the answer was read to its end, and the other side has not hung up.
    pub(super) async fn is_ready(&mut self) -> bool {
        poll_fn(|context| {
            self.driver.go_on(context);
            Poll::Ready(())
        })
        .await;
        self.sender.is_ready()
    }
}

/// What reads and writes the socket; gone once the connection has ended.
struct Driver(Option<http1::Connection<Socket, Full<Bytes>>>);

impl Driver {
    fn go_on(&mut self, context: &mut Context<'_>) {
        // How it ended is told to whoever waits for an answer.
        if self.0.as_mut().is_some_and(|connection| Pin::new(connection).poll(context).is_ready()) {
            self.0 = None;
        }
    }

    async fn until<T>(&mut self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        poll_fn(|context| {
            if let Poll::Ready(output) = future.as_mut().poll(context) {
                return Poll::Ready(output);
            }
            self.go_on(context);
            future.as_mut().poll(context)
        })
        .await
    }
}
