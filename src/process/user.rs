//! The user of this process, from the system's databases of users and groups.

use std::{
    ffi::{CStr, OsStr},
    mem::MaybeUninit,
    os::unix::ffi::OsStrExt,
    path::PathBuf,
    ptr,
};

/// Maximum size of a database entry; larger ones are ignored.
const MAX_ENTRY_BYTES: usize = 64 * 1024;

/// The effective user id of this process.
pub fn effective_user() -> u32 {
    // SAFETY: takes nothing and always succeeds.
    unsafe { libc::geteuid() }
}

/// The home folder of the user in the system's database.
pub fn home_folder() -> Option<PathBuf> {
    let home = user()?.home;
    home.is_absolute().then_some(home)
}

/// Whether a group is the private group of the user: it has the user's name and no other member. Files that such a
/// group can write are private.
pub fn is_private_group(group: u32) -> bool {
    let Some(user) = user().map(|user| user.name) else { return false };
    let mut entry = MaybeUninit::<libc::group>::uninit();
    let mut buffer = vec![0; MAX_ENTRY_BYTES];
    let mut found = ptr::null_mut();
    // SAFETY: the buffer has the length that is passed, and the entry is read only where it was filled.
    unsafe {
        let status =
            libc::getgrgid_r(group, entry.as_mut_ptr(), buffer.as_mut_ptr().cast(), buffer.len(), &raw mut found);
        if status != 0 || found.is_null() {
            return false;
        }
        let entry = entry.assume_init();
        CStr::from_ptr(entry.gr_name).to_bytes() == user && members(entry.gr_mem).all(|member| member == user)
    }
}

/// The members of a group.
///
/// # Safety
/// `list` ends with a null pointer, and its texts with a zero.
unsafe fn members<'a>(list: *mut *mut libc::c_char) -> impl Iterator<Item = &'a [u8]> {
    (0..).map_while(move |index| {
        // SAFETY: nothing past the null pointer is read.
        unsafe {
            let member = *list.add(index);
            (!member.is_null()).then(|| CStr::from_ptr(member).to_bytes())
        }
    })
}

struct User {
    name: Vec<u8>,
    home: PathBuf,
}

fn user() -> Option<User> {
    let mut entry = MaybeUninit::<libc::passwd>::uninit();
    let mut buffer = vec![0; MAX_ENTRY_BYTES];
    let mut found = ptr::null_mut();
    // SAFETY: the buffer has the length that is passed, and the entry is read only where it was filled.
    let user = unsafe {
        let (id, length) = (effective_user(), buffer.len());
        let status = libc::getpwuid_r(id, entry.as_mut_ptr(), buffer.as_mut_ptr().cast(), length, &raw mut found);
        if status != 0 || found.is_null() {
            return None;
        }
        let entry = entry.assume_init();
        let home = OsStr::from_bytes(CStr::from_ptr(entry.pw_dir).to_bytes()).into();
        User { name: CStr::from_ptr(entry.pw_name).to_bytes().to_owned(), home }
    };
    Some(user)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn home_folder_is_found_and_a_missing_group_is_not_private() {
        assert_eq!(home_folder().is_some(), user().is_some_and(|user| user.home.is_absolute()));
        assert!(!is_private_group(u32::MAX - 7));
    }
}
