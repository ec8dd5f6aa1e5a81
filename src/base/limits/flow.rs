//! What bounds queues, and what one neighbour may ask of us.
