//! Pings, pongs and signs of life.
