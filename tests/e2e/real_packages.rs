//! Packages that real people use, from PyPI and npm, as plugins: published, installed, and run.
//!
//! `.ci/setup` fetches them once, by name, version and digest; nothing is fetched here.
