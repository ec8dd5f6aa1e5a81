//! Queries that go out step by step until enough is found.
