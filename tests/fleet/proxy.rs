//! A TCP proxy in front of PostgreSQL that counts the messages of a client, and cuts the connection between two.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_postgres::Config;

/// The server has executed what it was sent, and waits for more.
const READY: u8 = b'Z';
const PARSE: u8 = b'P';
const SYNC: u8 = b'S';

/// Cuts a connection at a statement.
#[derive(Clone)]
pub struct Cut {
    /// A part of the statement. The first message has it, and the count begins there.
    pub statement: &'static str,
    /// How many messages reach the server.
    pub messages: usize,
    pub then: Then,
}

/// The messages that each side receives before the connection ends.
#[derive(Clone, Copy, PartialEq)]
pub enum Then {
    Nothing,
    /// The server gets a part of the next message.
    HalfAMessage,
    /// The server has answered. The client doesn't get the answer.
    LoseTheAnswer,
    /// The connection stays, and nothing gets through any more.
    Hang,
}

/// A proxy. New connections get through unless it [hangs](Then::Hang).
pub struct Proxy {
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    cut: Mutex<Option<Cut>>,
    statements: AtomicUsize,
    cuts: AtomicUsize,
}

impl Proxy {
    /// Starts a proxy in front of this port.
    pub async fn start(port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::<Shared>::default();
        let accepting = shared.clone();
        tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let server = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await;
                tokio::spawn(forward(client, server.unwrap(), accepting.clone()));
            }
        });
        Self { address, shared }
    }

    /// Cuts the connection of the next such statement.
    pub fn cut(&self, cut: Cut) {
        *self.shared.cut.lock().unwrap() = Some(cut);
    }

    /// How many statements were sent.
    pub fn statements(&self) -> usize {
        self.shared.statements.load(Ordering::SeqCst)
    }

    /// How many connections were cut.
    pub fn cuts(&self) -> usize {
        self.shared.cuts.load(Ordering::SeqCst)
    }

    /// How to connect to the database by way of this proxy.
    pub fn config(&self, database: &Config) -> Config {
        let mut config = Config::new();
        config.host("127.0.0.1").port(self.address.port());
        config.user(database.get_user().unwrap());
        config.dbname(database.get_dbname().unwrap());
        config
    }
}

async fn forward(mut client: TcpStream, mut server: TcpStream, shared: Arc<Shared>) {
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    let is_cut = AtomicBool::new(false);
    let answered = Notify::new();
    let requests = async {
        // The first message has no type.
        let mut message = read_body(&mut from_client, Vec::new()).await?;
        let cut = loop {
            if message[0] == PARSE {
                shared.statements.fetch_add(1, Ordering::SeqCst);
                if let Some(cut) = shared.take(&message) {
                    break cut;
                }
            }
            to_server.write_all(&message).await.ok()?;
            message = read(&mut from_client).await?;
        };
        is_cut.store(true, Ordering::SeqCst);
        for _ in 0..cut.messages {
            to_server.write_all(&message).await.ok()?;
            if message[0] != SYNC {
                message = read(&mut from_client).await?;
            }
        }
        match cut.then {
            Then::Nothing => {}
            Then::HalfAMessage => {
                let half = &message[..message.len() / 2];
                to_server.write_all(half).await.ok()?;
            }
            Then::LoseTheAnswer => answered.notified().await,
            Then::Hang => while read(&mut from_client).await.is_some() {},
        }
        Some(())
    };
    let answers = async {
        loop {
            let message = read(&mut from_server).await?;
            match is_cut.load(Ordering::SeqCst) {
                true if message[0] == READY => answered.notify_one(),
                true => {}
                false => to_client.write_all(&message).await.ok()?,
            }
        }
    };
    tokio::select! {
        _ = requests => {}
        None::<()> = answers => {}
    }
}

impl Shared {
    /// Returns the cut that begins with this message.
    fn take(&self, message: &[u8]) -> Option<Cut> {
        let mut cut = self.cut.lock().unwrap();
        let text = String::from_utf8_lossy(message);
        let is_it = cut.as_ref().is_some_and(|cut| text.contains(cut.statement));
        self.cuts.fetch_add(usize::from(is_it), Ordering::SeqCst);
        cut.take_if(|_| is_it)
    }
}

/// Reads a message whole: its type, its length and the rest.
async fn read(from: &mut (impl AsyncRead + Unpin)) -> Option<Vec<u8>> {
    let start = from.read_u8().await.ok()?;
    read_body(from, vec![start]).await
}

async fn read_body(from: &mut (impl AsyncRead + Unpin), mut message: Vec<u8>) -> Option<Vec<u8>> {
    let length = from.read_u32().await.ok()?;
    message.extend(length.to_be_bytes());
    let start = message.len();
    message.resize(start + length as usize - 4, 0);
    from.read_exact(&mut message[start..]).await.ok()?;
    Some(message)
}
