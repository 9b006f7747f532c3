//! What runs beside the work on a file: the audit log. Prints nothing.

pub mod audit;
