//! The experiments, one file each, in the order of their numbers.

mod f01_flood;
mod f02_random_kill;
mod f03_service_stop;
mod f04_tmux_killed;
mod f05_tmux_stopped;
mod f06_server_stopped;
mod f07_socket_deleted;
mod f08_by_hand;
mod f09_endings;
mod f10_upgrade;
mod f20_disk_full;
mod f21_write_fails;
mod f22_flipped_byte;
mod f23_broken_folder;
mod f24_backup;
pub(crate) mod f25_migration;
mod f27_two_servers;
mod f28_clock;

use crate::experiment::Experiment;

/// All of them.
pub(crate) const ALL: [Experiment; 18] = [
    Experiment {
        id: "F1",
        title: "kill -9 of the server while agents write numbered lines",
        quick: true,
        run: |lab| Box::pin(f01_flood::run(lab)),
    },
    Experiment {
        id: "F2",
        title: "kill -9 of the server at random moments under load",
        quick: true,
        run: |lab| Box::pin(f02_random_kill::run(lab)),
    },
    Experiment {
        id: "F3",
        title: "stop of the service as its unit file says, and of its whole control group",
        quick: false,
        run: |lab| Box::pin(f03_service_stop::run(lab)),
    },
    Experiment {
        id: "F4",
        title: "kill -9 of tmux, then all woken by one request",
        quick: true,
        run: |lab| Box::pin(f04_tmux_killed::run(lab)),
    },
    Experiment {
        id: "F5",
        title: "tmux stopped and continued",
        quick: true,
        run: |lab| Box::pin(f05_tmux_stopped::run(lab)),
    },
    Experiment {
        id: "F6",
        title: "server stopped and continued while somebody types",
        quick: false,
        run: |lab| Box::pin(f06_server_stopped::run(lab)),
    },
    Experiment {
        id: "F7",
        title: "tmux's socket file deleted",
        quick: true,
        run: |lab| Box::pin(f07_socket_deleted::run(lab)),
    },
    Experiment {
        id: "F8",
        title: "attach, resize, rename and kill-window by hand",
        quick: false,
        run: |lab| Box::pin(f08_by_hand::run(lab)),
    },
    Experiment {
        id: "F9",
        title: "programs that end, crash, and fork without end",
        quick: false,
        run: |lab| Box::pin(f09_endings::run(lab)),
    },
    Experiment {
        id: "F10",
        title: "the binary replaced under a running server",
        quick: false,
        run: |lab| Box::pin(f10_upgrade::run(lab)),
    },
    Experiment {
        id: "F20",
        title: "disk full (8 MB), then space again",
        quick: true,
        run: |lab| Box::pin(f20_disk_full::run(lab)),
    },
    Experiment {
        id: "F21",
        title: "the Nth write and the Nth fsync of the database fail",
        quick: false,
        run: |lab| Box::pin(f21_write_fails::run(lab)),
    },
    Experiment {
        id: "F22",
        title: "one byte flipped in the database or its log",
        quick: true,
        run: |lab| Box::pin(f22_flipped_byte::run(lab)),
    },
    Experiment {
        id: "F23",
        title: "data folder truncated, emptied, replaced, read-only, somebody else's",
        quick: true,
        run: |lab| Box::pin(f23_broken_folder::run(lab)),
    },
    Experiment {
        id: "F24",
        title: "backup under load, and the way back to it",
        quick: true,
        run: |lab| Box::pin(f24_backup::run(lab)),
    },
    Experiment {
        id: "F25",
        title: "migration of released databases, killed in the middle; a newer one refused",
        quick: false,
        run: |lab| Box::pin(f25_migration::run(lab)),
    },
    Experiment {
        id: "F27",
        title: "two servers on one folder",
        quick: true,
        run: |lab| Box::pin(f27_two_servers::run(lab)),
    },
    Experiment {
        id: "F28",
        title: "clock set one day back and two days forward",
        quick: false,
        run: |lab| Box::pin(f28_clock::run(lab)),
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_has_its_own_number() {
        let ids: BTreeSet<&str> = ALL.iter().map(|one| one.id).collect();
        assert_eq!(ids.len(), ALL.len());
    }
}
