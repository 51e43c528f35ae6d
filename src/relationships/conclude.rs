//! The second step: decides with the counts of the database.

use super::{
    conclude_keys::conclude_keys,
    conclude_links::conclude_links,
    detection::Detection,
    profile::{KeyCount, LinkCount},
    propose::Proposal,
};
use crate::error::{Code, Error, Result};

impl Proposal<'_> {
    /// Decides with the counts of [`Self::keys`] and [`Self::links`].
    ///
    /// Errors: [`Code::Internal`] if there are more or fewer counts than were proposed.
    pub fn conclude(&self, keys: &[KeyCount], links: &[LinkCount]) -> Result<Detection> {
        let linked = self.counted_links.len() + self.checked_links.len();
        if keys.len() != self.counted_keys.len() || links.len() != linked {
            let (expected, found) = (self.counted_keys.len() + linked, keys.len() + links.len());
            return Err(Error::new(
                Code::Internal,
                format!("{expected} keys and links were proposed, {found} counted"),
            ));
        }
        let keys = conclude_keys(self, keys);
        let mut found = Detection { relationships: conclude_links(self, links, &keys), keys };
        found.sort();
        Ok(found)
    }
}
