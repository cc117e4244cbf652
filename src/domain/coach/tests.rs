//! The rules on recorded runs of the bundled model: each sign where it was provoked, and none in healthy runs.
