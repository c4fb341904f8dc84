//! Plays template.yaml on one machine.
