//! Transfers of files, without sockets and disks.

mod browse;
