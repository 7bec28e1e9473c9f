//! Whether a launcher, such as `mpirun` or `srun`, has started this program, as its environment says.

use std::env;

/// The variables with which launchers tell a process its rank and the number of processes, those of the innermost
/// launcher first: `mpirun` may be called in a job of Slurm.
const LAUNCHERS: [(&str, &str, &str); 3] = [
    ("Open MPI", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),
    ("MPICH", "PMI_RANK", "PMI_SIZE"),
    ("Slurm", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS"),
];

/// What a launcher tells a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Launch {
    /// Whose launcher it is; others set the same variables.
    pub launcher: &'static str,
    /// The process.
    pub rank: usize,
    /// How many there are, at least 2.
    pub ranks: usize,
}

/// What the launcher tells this process; none if it was started alone.
pub fn launch() -> Option<Launch> {
    told(|name| env::var(name).ok())
}

fn told(variable: impl Fn(&str) -> Option<String>) -> Option<Launch> {
    let number = |name: &str| variable(name)?.parse().ok();
    let mut said = LAUNCHERS
        .iter()
        .filter_map(|(launcher, rank, ranks)| Some(Launch { launcher, rank: number(rank)?, ranks: number(ranks)? }));
    said.next().filter(|launch| launch.ranks > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Option<Launch> {
        let find =
            |name: &str| variables.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned());
        told(find)
    }

    #[test]
    fn launchers_are_recognised() {
        for (launcher, rank, ranks) in LAUNCHERS {
            let found = of(&[(rank, "3"), (ranks, "4"), ("PATH", "/bin")]);
            assert_eq!(found, Some(Launch { launcher, rank: 3, ranks: 4 }));
            assert_eq!(of(&[(rank, "0"), (ranks, "1")]), None, "{launcher}: a process alone");
        }
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[("PMI_RANK", "0"), ("PMI_SIZE", "many")]), None);
    }

    #[test]
    fn the_innermost_launcher_decides() {
        let slurm = [("SLURM_PROCID", "0"), ("SLURM_STEP_NUM_TASKS", "8")];
        let open = |ranks| [("OMPI_COMM_WORLD_RANK", "0"), ("OMPI_COMM_WORLD_SIZE", ranks)];
        assert_eq!(of(&[slurm, open("2")].concat()).map(|launch| launch.ranks), Some(2));
        assert_eq!(of(&[slurm, open("1")].concat()), None);
        // A batch script of Slurm has the first, but is no step.
        assert_eq!(of(&[("SLURM_PROCID", "0"), ("SLURM_NTASKS", "8")]), None);
    }
}
