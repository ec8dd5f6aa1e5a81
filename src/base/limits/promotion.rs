//! What bounds promotion: how long, how often, how many.
