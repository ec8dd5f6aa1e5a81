//! What a user wants of a running node: flags, environment, file, defaults, in this order.
