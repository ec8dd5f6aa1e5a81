//! What bounds pings, pongs and signs of life.
