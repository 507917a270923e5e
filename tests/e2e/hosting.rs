//! Index repositories on code hosts: their workflows and their script, run as the hosts run them.

mod action;
mod anywhere;
mod host;
mod judging;
mod linters;
mod publishing;
mod steps;
