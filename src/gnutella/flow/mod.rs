//! What waits for a neighbour, what goes first, and what one neighbour may ask of us.
