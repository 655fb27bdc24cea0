//! The flags and variables of the program.

use std::net::{IpAddr, Ipv4Addr};

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};

/// Serves the simulated APIs of PandaDoc and Ratepay, and a control API under /__admin/.
///
/// Prints base URLs and credentials, and then a line for each request and each attempt of a delivery.
#[derive(Debug, Parser)]
#[command(name = "simulator", version)]
pub struct Arguments {
    /// The port to listen on. 0 takes a free one.
    #[arg(long, env = "SIMULATOR_PORT", default_value_t = 0)]
    pub port: u16,

    /// The address to listen on. One that other machines can reach also needs --expose.
    #[arg(long, env = "SIMULATOR_BIND", default_value_t = Ipv4Addr::LOCALHOST.into())]
    pub bind: IpAddr,

    /// Allows an address for --bind that other machines can reach. Everyone who reaches it can read what is
    /// sent to the simulator, without encryption, and use the control API.
    #[arg(long, env = "SIMULATOR_EXPOSE")]
    pub expose: bool,

    /// A name by which the control API may be called, besides localhost and all IP addresses. Can be
    /// repeated.
    #[arg(
        long = "admin-host",
        value_name = "NAME",
        env = "SIMULATOR_ADMIN_HOSTS",
        value_delimiter = ','
    )]
    pub admin_hosts: Vec<String>,

    /// Allows subscriptions and deliveries to http URLs of other machines, such as another container.
    #[arg(long, env = "SIMULATOR_DELIVER_BEYOND_LOOPBACK")]
    pub deliver_beyond_loopback: bool,

    /// Makes the credentials the same with each start, except Ratepay's access token, which has its expiry in
    /// it.
    #[arg(long, value_name = "NUMBER", env = "SIMULATOR_SEED")]
    pub seed: Option<u64>,

    /// Prints each line as a JSON object.
    #[arg(long, env = "SIMULATOR_JSON")]
    pub json: bool,
}

impl Arguments {
    /// Checks the arguments against each other.
    pub fn check(self) -> Result<Self, clap::Error> {
        if self.bind.is_loopback() || self.expose {
            return Ok(self);
        }
        let error = format!(
            "other machines can reach {}; add --expose if they may use the control API and read \
             everything, or leave out --bind",
            self.bind
        );
        Err(Self::command().error(ErrorKind::MissingRequiredArgument, error))
    }
}
