//! Query tables: sent, received, and asked before a query goes its last hop.
