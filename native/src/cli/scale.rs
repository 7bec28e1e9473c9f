//! The arguments of `slgan bench scale`.

use clap::{Args, value_parser};

/// Arguments of `bench scale`.
#[derive(Debug, Args)]
pub struct ScaleArgs {
    /// Where to compute: auto, cpu, gpu or gpu:N.
    #[arg(long, default_value = "auto")]
    pub device: String,
    /// Size of the networks: tiny, small or cifar.
    #[arg(long, default_value = "tiny")]
    pub preset: String,
    /// Real images per step, over all processes.
    #[arg(long, value_name = "N", default_value_t = 128)]
    pub batch: usize,
    /// Numbers of processes, separated by commas; the batch has as many shards as the highest, in all of them.
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "1,2,4,8,16,32,64")]
    pub processes: Vec<usize>,
    /// Rates of the network, in Gbit/s, separated by commas.
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "1,10,100")]
    pub links: Vec<f64>,
    /// Delay of a message, in microseconds.
    #[arg(long, value_name = "MICROSECONDS", default_value_t = 50.0)]
    pub delay: f64,
    /// Steps whose median is shown.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = value_parser!(u64).range(1..))]
    pub steps: u64,
    /// Print only JSON.
    #[arg(long)]
    pub json: bool,
}
