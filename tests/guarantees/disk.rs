//! A small file system that can be full or read-only. Only root can mount it; without that right the tests that need it
//! print so and pass without running.

use std::{fs, path::Path, process::Command};

pub(crate) struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    /// Mounts a file system of four mebibytes at a folder.
    pub(crate) fn mount(folder: &'a Path) -> Option<Self> {
        Self::mount_with(folder, "size=4m")
    }

    /// Mounts a tmpfs with these options.
    pub(crate) fn mount_with(folder: &'a Path, options: &str) -> Option<Self> {
        fs::create_dir_all(folder).unwrap();
        let mounted = run(Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(folder));
        if !mounted {
            eprintln!("not run: this needs the right to mount a disk");
        }
        mounted.then_some(Self(folder))
    }

    pub(crate) fn make_read_only(&self) {
        assert!(run(Command::new("mount").args(["-o", "remount,ro"]).arg(self.0)));
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        run(Command::new("umount").arg("-l").arg(self.0));
    }
}

fn run(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}
